namespace MeshSdk.Tool.Lint.Rules;

/// <summary>Entries for ports, which replace all of the general policy and not only what they state.</summary>
internal sealed class PortSettingsRule : ILintRule
{
    public const string Invalid = "PortSettingsInvalid";
    public const string DropsGeneral = "PortSettingsDropGeneral";

    private const long HighestPort = 65535;

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        foreach (var policy in subject.GeneralPolicies())
        {
            var ports = new HashSet<long>();
            foreach (var entry in policy["portLevelSettings"].Items)
            {
                var number = entry["port"]["number"];
                if (number.Number is not (> 0 and <= HighestPort and var port))
                {
                    yield return number.Error(Invalid, "an entry needs the number of a port of the Service, 1 to 65535");
                }
                else if (!ports.Add(port))
                {
                    yield return number.Warning(Invalid, $"there is an entry for port {port} already; that one counts");
                }

                if (!entry.PortBlocks().Any())
                {
                    yield return entry.Error(Invalid, "an entry needs one of loadBalancer, connectionPool, outlierDetection and tls");
                }
                else if (Dropped(policy, entry) is { Length: > 0 } dropped)
                {
                    yield return entry.Warning(
                        DropsGeneral, $"the entry replaces the general policy for its port, which has no {string.Join(", ", dropped)} then; repeat what is meant to hold");
                }
            }
        }
    }

    /// <summary>What holds no more for the port. Mutual TLS of the mesh does: it is decided by the general policy where an entry says nothing of TLS.</summary>
    private static string[] Dropped(LintField policy, LintField entry) =>
    [
        .. policy.Names
            .Except([.. entry.Names, "portLevelSettings"])
            .Where(name => name != "tls" || policy["tls"]["mode"].Text != "ISTIO_MUTUAL"),
    ];
}
