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
internal sealed partial class AuthorizationRuleReader(AuthorizationPrincipals principals, bool allows, DiagnosticList diagnostics)
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
            Principals = List(source["principals"], principals.Read, "", AuthorizationSlips.OfPrincipal),
            NotPrincipals = List(source["notPrincipals"], principals.Read, "", AuthorizationSlips.OfPrincipal),
            Namespaces = List(source["namespaces"], AuthorizationValues.Namespace, "", AuthorizationSlips.OfNamespace),
            NotNamespaces = List(source["notNamespaces"], AuthorizationValues.Namespace, "", AuthorizationSlips.OfNamespace),
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
            Hosts = List(operation["hosts"], AuthorizationValues.Text, "", AuthorizationSlips.OfHost),
            NotHosts = List(operation["notHosts"], AuthorizationValues.Text, "", AuthorizationSlips.OfHost),
            Ports = List(operation["ports"], AuthorizationValues.Port, AuthorizationFields.PortForm),
            NotPorts = List(operation["notPorts"], AuthorizationValues.Port, AuthorizationFields.PortForm),
            Methods = List(operation["methods"], AuthorizationValues.Text, "", AuthorizationSlips.OfMethod),
            NotMethods = List(operation["notMethods"], AuthorizationValues.Text, "", AuthorizationSlips.OfMethod),
            Paths = List(operation["paths"], AuthorizationValues.Path, AuthorizationFields.TemplateForm, AuthorizationSlips.OfPath),
            NotPaths = List(operation["notPaths"], AuthorizationValues.Path, AuthorizationFields.TemplateForm, AuthorizationSlips.OfPath),
        };
    }

    /// <summary>All values of a list, or none where one of them cannot be read: then nothing is asked by it, and it has been told.</summary>
    private ImmutableArray<T> List<T>(AuthorizationField list, Func<string, T[]?> read, string form, Func<string, string?>? findSlip = null)
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
                if (findSlip?.Invoke(text) is { } slip)
                {
                    diagnostics.Warning(item.Policy, DiagnosticCode.NeverMatches, item.Path, $"{item} matches no call: {slip}");
                }
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
