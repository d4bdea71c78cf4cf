using MeshSdk.Settings;

namespace MeshSdk.Tool.CommandLine;

/// <summary>Refuses what the library would refuse, in the words of the command line.</summary>
internal static class MeshOptionsCheck
{
    private const string Section = "Mesh:";

    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["Namespace"] = "-n",
        ["ClusterDomain"] = "--cluster-domain",
        ["TrustDomain"] = "--trust-domain",
        ["RootNamespace"] = "--root-namespace",
        ["Locality"] = "--locality",
        ["Manifests"] = "--manifests",
    };

    /// <exception cref="UsageException">A value cannot be used.</exception>
    public static MeshOptions Checked(MeshOptions options)
    {
        if (ProblemOf(options) is not { } problem)
        {
            return options;
        }

        var end = problem.IndexOf(' ', StringComparison.Ordinal);
        throw new UsageException(Names.TryGetValue(problem[..end], out var name) ? name + problem[end..] : problem);
    }

    /// <exception cref="FormatException">No namespace can have that name.</exception>
    public static string? CheckedNamespace(string source, string? ns) =>
        ns is null || ProblemOf(new MeshOptions { Namespace = ns }) is null
            ? ns
            : throw new FormatException($"{source}: '{ns}' is no Kubernetes namespace name");

    /// <summary>The first one, beginning with the name of the option.</summary>
    private static string? ProblemOf(MeshOptions options) =>
        new MeshOptionsValidator().Validate(name: null, options).Failures?.FirstOrDefault() is { } failure
            ? failure[(failure.StartsWith(Section, StringComparison.Ordinal) ? Section.Length : 0)..].TrimEnd('.')
            : null;
}
