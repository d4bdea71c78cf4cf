using MeshSdk.Model;

namespace MeshSdk.Compilation.Inbound;

/// <content>The conditions of a rule, each of which has to be met.</content>
internal sealed partial class AuthorizationRuleReader
{
    private AuthorizationRule ReadConditions(AuthorizationField list, AuthorizationRule rule)
    {
        if (!list.IsList)
        {
            Fault(list, $"{list} is no list");
            return rule;
        }

        foreach (var condition in list.Items())
        {
            rule = ReadCondition(condition, rule);
        }

        return rule;
    }

    private AuthorizationRule ReadCondition(AuthorizationField condition, AuthorizationRule rule)
    {
        if (!condition.IsMapping || condition["key"].Text is not { } key)
        {
            Fault(condition, $"{condition} is no condition with a key");
            return rule;
        }

        Known(condition, AuthorizationFields.Condition);
        var (values, others, @namespace) = (condition["values"], condition["notValues"], condition.Policy.Metadata.Namespace);
        if (!values.Items().Any() && !others.Items().Any())
        {
            Fault(condition, "it states neither values nor notValues");
            return rule;
        }

        switch (key)
        {
            case "source.principal":
                return AndCaller(rule, new()
                {
                    Principals = List(values, principals.Read, "", AuthorizationSlips.OfPrincipal),
                    NotPrincipals = List(others, principals.Read, "", AuthorizationSlips.OfPrincipal),
                });
            case "source.namespace":
                return AndCaller(rule, new()
                {
                    Namespaces = List(values, AuthorizationValues.Namespace, "", AuthorizationSlips.OfNamespace),
                    NotNamespaces = List(others, AuthorizationValues.Namespace, "", AuthorizationSlips.OfNamespace),
                });
            case "source.serviceAccount":
                return AndCaller(rule, new()
                {
                    Accounts = List(values, text => AuthorizationValues.Account(text, @namespace), AuthorizationFields.AccountForm),
                    NotAccounts = List(others, text => AuthorizationValues.Account(text, @namespace), AuthorizationFields.AccountForm),
                });
            case "source.ip":
                return AndCaller(rule, new()
                {
                    Addresses = List(values, AuthorizationValues.Block, AuthorizationFields.BlockForm),
                    NotAddresses = List(others, AuthorizationValues.Block, AuthorizationFields.BlockForm),
                });
            case "destination.port":
                var ports = new CallMatch
                {
                    Ports = List(values, AuthorizationValues.Port, AuthorizationFields.PortForm),
                    NotPorts = List(others, AuthorizationValues.Port, AuthorizationFields.PortForm),
                };
                return rule with { CallConditions = rule.CallConditions.Add(ports) };
            default:
                if (AuthorizationFields.IsKnownKey(key))
                {
                    NotImplemented(condition["key"]);
                }
                else
                {
                    Fault(condition["key"], $"there is no key {condition["key"]}");
                }

                return rule;
        }
    }

    private static AuthorizationRule AndCaller(AuthorizationRule rule, CallerMatch match) =>
        rule with { CallerConditions = rule.CallerConditions.Add(match) };
}
