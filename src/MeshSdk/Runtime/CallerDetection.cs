using System.Collections.ObjectModel;
using MeshSdk.Model;

namespace MeshSdk.Runtime;

/// <summary>Who this process is to the mesh, from its options and from what Kubernetes mounts into its pod.</summary>
internal static class CallerDetection
{
    private const string NamespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

    // As manifests name them by convention that pass such fields on.
    private const string NodeVariable = "NODE_NAME";
    private const string PodVariable = "POD_NAME";
    private const string AddressVariable = "POD_IP";

    private const string StatedDataPlane = $"the option Mesh:{nameof(MeshOptions.DataPlane)} says so";

    public static CallerContext From(MeshOptions options)
    {
        var caller = new CallerContext
        {
            Namespace = options.Namespace ?? NamespaceOfPod() ?? "default",
            Labels = new ReadOnlyDictionary<string, string>(new Dictionary<string, string>(options.Labels, StringComparer.Ordinal)),
            Locality = ParseLocality(options.Locality),
            Node = NullIfEmpty(options.NodeName) ?? NullIfEmpty(Environment.GetEnvironmentVariable(NodeVariable)),
            Pod = NullIfEmpty(options.PodName) ?? NullIfEmpty(Environment.GetEnvironmentVariable(PodVariable)),
            Address = NullIfEmpty(Environment.GetEnvironmentVariable(AddressVariable)),
            ClusterDomain = options.ClusterDomain,
            Proxy = options.DataPlane switch
            {
                MeshDataPlane.Sidecar => new LocalProxy(LocalProxyKind.Sidecar, StatedDataPlane),
                MeshDataPlane.Ambient => new LocalProxy(LocalProxyKind.Ambient, StatedDataPlane),
                MeshDataPlane.None => new LocalProxy(LocalProxyKind.None, StatedDataPlane),
                _ => null,
            },
            AllowsWaypointBypass = options.AllowWaypointBypass,
        };
        return caller with
        {
            TrustDomain = options.TrustDomain ?? caller.TrustDomain,
            StatesTrustDomain = options.TrustDomain is not null,
            RootNamespace = options.RootNamespace ?? caller.RootNamespace,
            StatesRootNamespace = options.RootNamespace is not null,
        };
    }

    public static Locality? ParseLocality(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var parts = text.Split('/', 3);
        return new Locality(parts[0], parts.ElementAtOrDefault(1) ?? "", parts.ElementAtOrDefault(2) ?? "");
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string? NamespaceOfPod()
    {
        try
        {
            return File.Exists(NamespaceFile) && File.ReadAllText(NamespaceFile).Trim() is { Length: > 0 } name ? name : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
