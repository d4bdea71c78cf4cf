using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.Compilation.Inbound;

/// <summary>
/// Reads the rules of one policy. What of a rule is not understood fails closed: a rule that allows is none then, and one that refuses does so as if that
/// demand were not made, which is for more calls.
/// </summary>
/// <param name="principals">Reads identities.</param>
/// <param name="allows">Whether the rules allow; else they refuse.</param>
/// <param name="diagnostics">Told of whatever is not understood.</param>
internal sealed class AuthorizationRuleReader(AuthorizationPrincipals principals, bool allows, DiagnosticList diagnostics)
{
    private bool _isUnderstood;

    private string Consequence => allows ? "the rule allows nothing" : "the rule refuses as if this demand were not made";

    /// <returns>Null: it matches nothing.</returns>
    public AuthorizationRule? Read(AuthorizationField field, int index)
    {
        _isUnderstood = true;
        var rule = new AuthorizationRule(index);
        if (field is not { Exists: true, IsMapping: true })
        {
            Fault(field, $"{field} is no rule");
        }
        else
        {
            Known(field, AuthorizationFields.Rule);
            rule = ReadConditions(field["when"], rule with
            {
                Callers = [.. Parts(field["from"], "source").Select(Source)],
                Calls = [.. Parts(field["to"], "operation").Select(Operation)],
            });
        }

        return allows && !_isUnderstood ? null : rule;
    }

    /// <summary>The entries of a list of alternatives; none where any will do.</summary>
    private List<AuthorizationField> Parts(AuthorizationField list, string name)
    {
        var parts = new List<AuthorizationField>();
        if (!list.IsList)
        {
            Fault(list, $"{list} is no list");
            return parts;
        }

        var isAny = false;
        foreach (var item in list.Items())
        {
            if (!item.IsMapping)
            {
                Fault(item, $"{item} is no mapping with the field {name}");
                isAny = true;
                continue;
            }

            Known(item, [name]);
            var part = item[name];
            if (!part.IsMapping)
            {
                Fault(part, $"{part} is no mapping of fields");
                isAny = true;
            }

            parts.Add(part);
        }

        return isAny ? [] : parts;
    }

    private CallerMatch Source(AuthorizationField source)
    {
        Known(source, AuthorizationFields.Source);
        foreach (var name in AuthorizationFields.UnsupportedSource)
        {
            if (source[name] is { Exists: true } field && !(field.IsList && !field.Items().Any()))
            {
                NotImplemented(field);
            }
        }

        var @namespace = source.Policy.Metadata.Namespace;
        return new CallerMatch
        {
            Principals = List(source["principals"], principals.Read, ""),
            NotPrincipals = List(source["notPrincipals"], principals.Read, ""),
            Namespaces = List(source["namespaces"], AuthorizationValues.Namespace, ""),
            NotNamespaces = List(source["notNamespaces"], AuthorizationValues.Namespace, ""),
            Accounts = List(source["serviceAccounts"], text => AuthorizationValues.Account(text, @namespace), AuthorizationFields.AccountForm),
            NotAccounts = List(source["notServiceAccounts"], text => AuthorizationValues.Account(text, @namespace), AuthorizationFields.AccountForm),
            Addresses = List(source["ipBlocks"], AuthorizationValues.Block, AuthorizationFields.BlockForm),
            NotAddresses = List(source["notIpBlocks"], AuthorizationValues.Block, AuthorizationFields.BlockForm),
        };
    }

    private CallMatch Operation(AuthorizationField operation)
    {
        Known(operation, AuthorizationFields.Operation);
        return new CallMatch
        {
            Hosts = List(operation["hosts"], AuthorizationValues.Text, ""),
            NotHosts = List(operation["notHosts"], AuthorizationValues.Text, ""),
            Ports = List(operation["ports"], AuthorizationValues.Port, AuthorizationFields.PortForm),
            NotPorts = List(operation["notPorts"], AuthorizationValues.Port, AuthorizationFields.PortForm),
            Methods = List(operation["methods"], AuthorizationValues.Text, ""),
            NotMethods = List(operation["notMethods"], AuthorizationValues.Text, ""),
            Paths = List(operation["paths"], AuthorizationValues.Path, AuthorizationFields.TemplateForm),
            NotPaths = List(operation["notPaths"], AuthorizationValues.Path, AuthorizationFields.TemplateForm),
        };
    }

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
                return AndCaller(rule, new() { Principals = List(values, principals.Read, ""), NotPrincipals = List(others, principals.Read, "") });
            case "source.namespace":
                return AndCaller(
                    rule, new() { Namespaces = List(values, AuthorizationValues.Namespace, ""), NotNamespaces = List(others, AuthorizationValues.Namespace, "") });
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

    /// <summary>All values of a list, or none where one of them cannot be read: then nothing is asked by it, and it has been told.</summary>
    private ImmutableArray<T> List<T>(AuthorizationField list, Func<string, T[]?> read, string form)
    {
        if (!list.IsList)
        {
            Fault(list, $"{list} is no list");
            return [];
        }

        var values = ImmutableArray.CreateBuilder<T>();
        var isWhole = true;
        foreach (var item in list.Items())
        {
            if (item.Text is not { } text)
            {
                Fault(item, $"{item} is no text; quote it");
                isWhole = false;
            }
            else if (read(text) is not { } found)
            {
                Fault(item, $"{item} is no {form}");
                isWhole = false;
            }
            else
            {
                values.AddRange(found);
            }
        }

        return isWhole ? values.ToImmutable() : [];
    }

    private void Known(AuthorizationField field, string[] names)
    {
        foreach (var (odd, problem) in field.Odd(names))
        {
            Fault(odd, problem);
        }
    }

    private void Fault(AuthorizationField field, string problem)
    {
        _isUnderstood = false;
        diagnostics.Error(field.Policy, DiagnosticCode.UnsupportedValue, field.Path, $"{problem}; {Consequence}");
    }

    private void NotImplemented(AuthorizationField field)
    {
        _isUnderstood = false;
        diagnostics.Warning(field.Policy, DiagnosticCode.NotImplemented, field.Path, $"this version does not act on it; {Consequence}");
    }
}
