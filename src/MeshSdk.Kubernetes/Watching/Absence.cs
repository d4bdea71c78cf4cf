namespace MeshSdk.Kubernetes.Watching;

/// <summary>What is known of a kind that its own path does not lead to.</summary>
/// <param name="Proof">How sure it is that the server has no objects of the kind.</param>
/// <param name="Detail">Why it is not sure; empty where it is.</param>
internal sealed record Absence(AbsenceProof Proof, string Detail)
{
    public static readonly Absence ByDiscovery = new(AbsenceProof.Discovery, "");

    public static readonly Absence ByServer = new(AbsenceProof.Server, "");

    public static Absence Unproven(string detail) => new(AbsenceProof.None, detail);
}

/// <summary>Who says that a kind is not there, the least trustworthy first.</summary>
internal enum AbsenceProof
{
    /// <summary>Nobody who could know.</summary>
    None,

    /// <summary>The path, on a server that is an API server and has no discovery.</summary>
    Server,

    /// <summary>The discovery of the server, which lists all that it has.</summary>
    Discovery,
}
