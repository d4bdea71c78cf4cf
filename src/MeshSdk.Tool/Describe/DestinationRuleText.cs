using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Describe;

/// <summary>What a destination rule states, in the lines that Istio's describe command has for it.</summary>
internal static class DestinationRuleText
{
    public static void Write(IndentedText text, DescribedDestinationRule rule)
    {
        if (rule.Subsets.Count > 0)
        {
            text.Line("Matching subsets: none, no HTTPRoute can address a subset");
            using (text.Indent())
            {
                text.Line($"(Non-matching subsets {string.Join(",", rule.Subsets.Select(static name => name.Length == 0 ? "(unnamed)" : name))})");
            }
        }

        if (!rule.HasTrafficPolicy)
        {
            text.Line("No Traffic Policy");
            return;
        }

        if (rule.Reason is { } reason)
        {
            text.Line($"WARNING: Its traffic policy counts for nothing: {reason}");
        }

        if (rule.TlsMode is { } mode)
        {
            text.Line($"Traffic Policy TLS Mode: {mode}");
        }

        if (rule.Policies.Count > 0)
        {
            text.Line($"Policies: {string.Join("/", rule.Policies)}");
        }

        if (rule.PortLevelSettings.Count == 0)
        {
            return;
        }

        text.Line("Port Level Settings:");
        foreach (var entry in rule.PortLevelSettings)
        {
            // One space less deep than a level, and two more for what belongs to the port, as users know it.
            text.Line($" {entry.Port}:");
            using (text.Indent())
            {
                if (entry.TlsMode is { } own)
                {
                    text.Line($"TLS Mode: {own}");
                }

                if (entry.Policies.Count > 0)
                {
                    text.Line($"Policies: {string.Join("/", entry.Policies)}");
                }
            }
        }
    }
}
