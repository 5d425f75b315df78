"""Chains of Dagster ops that do nothing but log, as jobs of a module: Dagster's child processes import them by name.

Imported in Dagster's own environment only.
"""

from dagster import In, Nothing, in_process_executor, job, multiprocess_executor, op


@op(ins={"after": In(Nothing)})
def noop(context):
    context.log.info("noop")


@op
def first(context):
    context.log.info("noop")


def chain(count):
    last = first()
    for number in range(count - 1):
        last = noop.alias(f"noop{number}")(last)


@job(executor_def=multiprocess_executor)
def dagster_2():
    chain(2)


@job(executor_def=multiprocess_executor)
def dagster_8():
    chain(8)


@job(executor_def=in_process_executor)
def dagster_inside_5():
    chain(5)


@job(executor_def=in_process_executor)
def dagster_inside_25():
    chain(25)
