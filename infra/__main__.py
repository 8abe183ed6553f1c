"""The Pulumi stack: a K3s cluster on AWS whose workers Nodenap scales."""

import pulumi_aws as aws

import alarms
import config
import dashboard
import dynamodb
import footprint
import iam
import lambda_autoscaler as autoscaler
import master
import outputs
import roles
import security_groups
import vpc
import workers

settings = config.load()
account = aws.get_caller_identity_output().account_id
# Set explicitly, since the account's default key may be a customer key whose policy does not allow
# our roles.
disk_key = aws.kms.get_key_output(key_id="alias/aws/ebs").arn
scope = footprint.before_launches(settings, account)

# The network and its security groups.
network = vpc.make_network(settings)
groups, server_out = security_groups.make_groups(network.vpc, settings)

# Nodenap's state, and its endpoint.
table = dynamodb.make_table(settings)
endpoint = vpc.make_dynamodb_endpoint(
    network, settings, footprint.text(scope, iam.dynamodb_endpoint_policy)
)
security_groups.allow_dynamodb(groups, endpoint, settings)

# Alerts that invoke it, undelivered events, and notifications.
alert_topic = autoscaler.make_alert_topic(
    settings, footprint.text(scope, iam.alert_topic_policy)
)
alarm_topic = alarms.make_topic(settings, footprint.text(scope, iam.alarm_topic_policy))
dead_letters = autoscaler.make_dead_letters(settings, footprint.text(scope, iam.dead_letter_policy))

# The server.
server_role = roles.make_role("server", iam.trust("ec2.amazonaws.com"), settings)
server_rights = roles.give_rights("server", server_role, scope.apply(iam.server_policy))
server = master.make_server(
    settings,
    master.Place(
        network.public_subnets[0],
        groups.server,
        roles.make_profile("server", server_role, settings),
        disk_key,
    ),
    master.Topics(alert_topic, alarm_topic),
    [server_rights, server_out, *network.way_out],
)

# The workers' launch templates.
worker_role = roles.make_role("worker", iam.trust("ec2.amazonaws.com"), settings)
worker_rights = roles.give_rights("worker", worker_role, scope.apply(iam.worker_policy))
worker_profile = roles.make_profile("worker", worker_role, settings)
templates = workers.make_templates(
    settings, workers.Common(groups.workers, worker_profile, disk_key)
)

# The function.
whole = footprint.complete(scope, templates, network.public_subnets, groups)
function_role = roles.make_role("function", iam.trust("lambda.amazonaws.com"), settings)
function_rights = roles.give_rights("function", function_role, whole.apply(iam.function_policy))
log = autoscaler.make_log_group(settings)
toml = autoscaler.render_toml(settings, table, templates, network.public_subnets)
function = autoscaler.make_function(
    settings,
    autoscaler.Setting(
        network.function_subnets,
        groups.function,
        function_role,
        [function_rights, worker_rights],
    ),
    log,
    toml,
)

# Its triggers: schedule, alerts and EC2 events.
wake = autoscaler.Wake(function, dead_letters, settings)
clock_group = autoscaler.make_schedule_group(settings)
clock_role = roles.make_role("scheduler", scope.apply(iam.scheduler_trust), settings)
clock_rights = roles.give_rights("scheduler", clock_role, scope.apply(iam.scheduler_policy))
autoscaler.do_not_repeat(wake)
autoscaler.wake_by_clock(wake, clock_group, clock_role, [clock_rights])
autoscaler.wake_by_alerts(wake, alert_topic)
autoscaler.wake_by_ec2(wake)

# Alarms, dashboard and outputs.
alarms.make_alarms(settings, alarms.Watched(function, log, dead_letters, alarm_topic))
outputs.export(settings, server, dashboard.make_dashboard(settings), toml)
