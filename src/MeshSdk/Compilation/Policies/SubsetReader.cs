using System.Collections.Immutable;
using System.Text.Json;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Policies;

/// <summary>
/// Reads <c>subsets</c>. No route of the Gateway API can address one, so that they decide nothing; people are shown which there are, and told of those that
/// cannot be.
/// </summary>
internal static class SubsetReader
{
    /// <summary>Those of rules that count as one. Of two with one name the first counts.</summary>
    public static ImmutableArray<PolicySubset> Read(ImmutableArray<DestinationRule> rules, DiagnosticList diagnostics)
    {
        ImmutableArray<PolicySubset>.Builder? subsets = null;
        foreach (var rule in rules)
        {
            var stated = rule.Spec.Subsets.OrEmpty();
            if (stated.IsEmpty)
            {
                continue;
            }

            diagnostics.Warning(
                rule, DiagnosticCode.NotImplemented, "spec.subsets", "no HTTPRoute can address a subset; give each version a Service of its own");
            subsets ??= ImmutableArray.CreateBuilder<PolicySubset>();
            for (var i = 0; i < stated.Length; i++)
            {
                var block = new PolicyBlock(rule, $"spec.subsets[{i}]", stated[i], diagnostics).Mapping().OnlyKnown("name", "labels", "trafficPolicy");
                if (block.Exists && Read(block) is { } subset)
                {
                    if (subsets.Any(known => known.Name == subset.Name))
                    {
                        diagnostics.Warning(rule, DiagnosticCode.Duplicate, $"{block.Path}.name", $"there is a subset '{subset.Name}' already; that one counts");
                    }
                    else
                    {
                        subsets.Add(subset);
                    }
                }
            }
        }

        return subsets?.ToImmutable() ?? [];
    }

    private static PolicySubset? Read(PolicyBlock block)
    {
        if (block.Word("name") is not { } name)
        {
            block.Member("name").Fault("a subset needs its name, and is left out");
            return null;
        }

        var labels = block.Block("labels");
        return new PolicySubset(name, labels.Json is not { } mapping
            ? []
            : [.. mapping.EnumerateObject()
                .Where(static label => label.Value.ValueKind == JsonValueKind.String)
                .Select(static label => KeyValuePair.Create(label.Name, label.Value.GetString()!))
                .OrderBy(static label => label.Key, StringComparer.Ordinal)]);
    }
}
