"""Emoji by the short words people type between colons."""

from __future__ import annotations

EMOJI = {
    "smile": "😁", "smiley": "😃", "grin": "😁", "joy": "😂", "laughing": "😆", "wink": "😉",
    "blush": "😊", "heart_eyes": "😍", "sunglasses": "😎", "thinking": "🤔", "neutral_face": "😐",
    "confused": "😕", "worried": "😟", "cry": "😢", "sob": "😭", "angry": "😠", "scream": "😱",
    "sleeping": "😴", "robot": "🤖", "ghost": "👻", "skull": "💀", "wave": "👋", "+1": "👍",
    "thumbsup": "👍", "-1": "👎", "thumbsdown": "👎", "ok_hand": "👌", "clap": "👏", "muscle": "💪",
    "pray": "🙏", "raised_hands": "🙌", "point_right": "👉", "point_left": "👈", "point_up": "☝",
    "point_down": "👇", "eyes": "👀", "heart": "❤", "broken_heart": "💔", "star": "⭐", "sparkles": "✨",
    "boom": "💥", "fire": "🔥", "zap": "⚡", "sunny": "☀", "cloud": "☁", "umbrella": "☔",
    "snowflake": "❄", "rainbow": "🌈", "earth_africa": "🌍", "coffee": "☕", "tea": "🍵", "beer": "🍺",
    "pizza": "🍕", "cake": "🍰", "apple": "🍎", "tada": "🎉", "gift": "🎁", "balloon": "🎈",
    "trophy": "🏆", "medal": "🏅", "dart": "🎯", "rocket": "🚀", "airplane": "✈", "car": "🚗",
    "train": "🚂", "bike": "🚲", "ship": "🚢", "house": "🏠", "office": "🏢", "factory": "🏭",
    "bank": "🏦", "hospital": "🏥", "bulb": "💡", "computer": "💻", "phone": "☎", "email": "✉",
    "envelope": "✉", "package": "📦", "memo": "📝", "pencil": "📝", "pencil2": "✏", "book": "📖",
    "books": "📚", "bookmark": "🔖", "newspaper": "📰", "clipboard": "📋", "calendar": "📆", "date": "📅",
    "chart": "💹", "chart_with_upwards_trend": "📈", "chart_with_downwards_trend": "📉",
    "bar_chart": "📊", "file_folder": "📁", "paperclip": "📎", "pushpin": "📌", "lock": "🔒",
    "unlock": "🔓", "key": "🔑", "hammer": "🔨", "wrench": "🔧", "gear": "⚙", "link": "🔗", "mag": "🔍",
    "bug": "🐛", "microscope": "🔬", "telescope": "🔭", "bell": "🔔", "loudspeaker": "📢", "mega": "📣",
    "hourglass": "⌛", "watch": "⌚", "alarm_clock": "⏰", "moneybag": "💰", "credit_card": "💳",
    "warning": "⚠", "construction": "🚧", "no_entry": "⛔", "x": "❌", "heavy_check_mark": "✔",
    "white_check_mark": "✅", "ballot_box_with_check": "☑", "question": "❓", "exclamation": "❗",
    "information_source": "ℹ", "bangbang": "‼", "recycle": "♻", "infinity": "∞", "100": "💯",
    "red_circle": "🔴", "large_blue_circle": "🔵", "arrow_right": "➡", "arrow_left": "⬅",
    "arrow_up": "⬆", "arrow_down": "⬇", "repeat": "🔁", "checkered_flag": "🏁",
    "triangular_flag_on_post": "🚩", "dog": "🐶", "cat": "🐱", "mouse": "🐭", "snake": "🐍",
    "whale": "🐳", "penguin": "🐧", "bee": "🐝", "tree": "🌳", "evergreen_tree": "🌲", "seedling": "🌱",
    "sunflower": "🌻", "rose": "🌹", "clover": "🍀", "four_leaf_clover": "🍀",
}  # fmt: skip
