namespace MeshSdk.Tool.Foreign;

/// <summary>A kind of Istio's that shapes the calls of sidecars, and that this library does not act on.</summary>
/// <param name="Kind">As manifests have it.</param>
/// <param name="Plural">As the API's paths have it.</param>
/// <param name="Versions">Of the group, the newest first.</param>
internal sealed record ForeignKind(string Kind, string Plural, IReadOnlyList<string> Versions)
{
    public const string Group = "networking.istio.io";

    public const string VirtualService = "VirtualService";
    public const string ServiceEntry = "ServiceEntry";
    public const string Sidecar = "Sidecar";
    public const string EnvoyFilter = "EnvoyFilter";

    public static IReadOnlyList<ForeignKind> All { get; } =
    [
        new(VirtualService, "virtualservices", ["v1", "v1beta1", "v1alpha3"]),
        new(ServiceEntry, "serviceentries", ["v1", "v1beta1", "v1alpha3"]),
        new(Sidecar, "sidecars", ["v1", "v1beta1", "v1alpha3"]),
        new(EnvoyFilter, "envoyfilters", ["v1alpha3"]),
    ];
}
