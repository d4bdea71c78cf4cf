using MeshSdk.Conformance.Cases;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>Short words for the tables of cases.</summary>
internal static class Table
{
    public const string V1 = "infra-backend-v1";
    public const string V2 = "infra-backend-v2";
    public const string V3 = "infra-backend-v3";

    public static Case Row(Call call, Expected expected) => Case.Row(call, expected);

    public static Case Row(string path, string pod) => Case.Row(Call.Get(path), Expected.From(pod));

    public static Case Row(string path, (string, string) header, string pod) => Case.Row(Call.Get(path, header), Expected.From(pod));

    public static Case Row(string path, int status) => Case.Row(Call.Get(path), Expected.Answer(status));

    public static Case Redirect(string path, int status, string location) => Case.Row(Call.Get(path), Expected.Redirect(status, location));

    /// <summary>A scenario of the gateway tests: its parent is the Service that stands for the gateway.</summary>
    public static Scenario Gateway(string name, string feature, params IReadOnlyList<Case> cases) => new(name, feature)
    {
        Manifests = ["gateway/" + name["httproute-".Length..]],
        Origin = "http://gateway",
        CallerNamespace = Cluster.Names.Infra,
        BackendNamespace = Cluster.Names.Infra,
        Cases = cases,
    };
}
