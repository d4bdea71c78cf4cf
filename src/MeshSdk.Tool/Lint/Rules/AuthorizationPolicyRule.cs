using MeshSdk.Compilation;
using MeshSdk.Compilation.Inbound;

namespace MeshSdk.Tool.Lint.Rules;

/// <summary>What admission refuses of an AuthorizationPolicy beside its schema, and values that match nothing.</summary>
internal sealed class AuthorizationPolicyRule : ILintRule
{
    public const string Invalid = "AuthorizationPolicyInvalid";

    private static readonly string[] OfIdentity = ["principals", "notPrincipals", "namespaces", "notNamespaces"];
    private static readonly string[] OfAccount = ["serviceAccounts", "notServiceAccounts"];

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene) =>
        subject is { Group: "security.istio.io", Kind: "AuthorizationPolicy" }
            ? [.. Whole(subject.Spec), .. subject.Spec["rules"].Items.SelectMany(Rule)]
            : [];

    private static IEnumerable<LintFinding> Whole(LintField spec)
    {
        var (action, rules, provider) = (spec["action"].Text ?? "ALLOW", spec["rules"], spec["provider"]);
        if (action is "DENY" or "CUSTOM" && rules.Items.Count == 0)
        {
            yield return spec["action"].Error(Invalid, $"a policy that says {action} needs rules: without any it matches nothing");
        }

        if (action == "CUSTOM" && provider["name"].Text is null or "")
        {
            yield return spec["action"].Error(Invalid, "a policy that says CUSTOM needs the name of a provider");
        }

        if (action != "CUSTOM" && provider.Exists)
        {
            yield return provider.Error(Invalid, $"only a policy that says CUSTOM has a provider, and this one says {action}");
        }

        var selector = spec["selector"];
        if (selector.Exists && (spec["targetRef"].Exists || spec["targetRefs"].Items.Count > 0))
        {
            yield return selector.Error(Invalid, "a policy is for pods by their labels or for what it names as its target, and not for both");
        }

        if (selector.Exists && !selector["matchLabels"].Names.Any())
        {
            yield return selector.Warning(Invalid, "a selector without labels chooses all pods; leave it out to say so");
        }
    }

    private static IEnumerable<LintFinding> Rule(LintField rule) =>
    [
        .. rule["from"].Items.SelectMany(static item => Part(item, "source")).SelectMany(Source),
        .. rule["to"].Items.SelectMany(static item => Part(item, "operation")).SelectMany(Operation),
    ];

    private static IEnumerable<LintField> Part(LintField item, string name) => item[name] is { Exists: true } part ? [part] : [item];

    private static IEnumerable<LintFinding> Source(LintField source)
    {
        foreach (var finding in Common(source))
        {
            yield return finding;
        }

        if (OfAccount.FirstOrDefault(name => source[name].Exists) is { } account && OfIdentity.FirstOrDefault(name => source[name].Exists) is { } other)
        {
            yield return source[account].Error(Invalid, $"{account} and {other} do not stand in one source");
        }

        foreach (var finding in Slips(source, "principals", AuthorizationSlips.OfPrincipal).Concat(Slips(source, "namespaces", AuthorizationSlips.OfNamespace)))
        {
            yield return finding;
        }
    }

    private static IEnumerable<LintFinding> Operation(LintField operation)
    {
        foreach (var finding in Common(operation))
        {
            yield return finding;
        }

        foreach (var finding in Slips(operation, "methods", AuthorizationSlips.OfMethod)
            .Concat(Slips(operation, "hosts", AuthorizationSlips.OfHost))
            .Concat(Slips(operation, "paths", AuthorizationSlips.OfPath)))
        {
            yield return finding;
        }
    }

    // The compiler tells the same, and is heard of those policies alone that are for processes.
    private static IEnumerable<LintFinding> Slips(LintField part, string name, Func<string, string?> find) =>
        part[name].Items.Concat(part[$"not{char.ToUpperInvariant(name[0])}{name[1..]}"].Items)
            .Select(item => (Item: item, Slip: item.Text is { } text ? find(text) : null))
            .Where(static found => found.Slip is not null)
            .Select(static found => found.Item.Warning(DiagnosticCode.NeverMatches, $"'{found.Item.Text}' matches no call: {found.Slip}"));

    private static IEnumerable<LintFinding> Common(LintField part)
    {
        if (!part.Names.Any())
        {
            yield return part.Error(Invalid, "it demands nothing, and so matches everything; leave the list out to say so");
        }

        foreach (var item in part.Names.SelectMany(name => part[name].Items).Where(static item => item.Text is ""))
        {
            yield return item.Error(Invalid, "an empty text matches nothing");
        }
    }
}
