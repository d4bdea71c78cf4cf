namespace MeshSdk.Model;

/// <summary>What a caller shows of itself where that is not its identity in the mesh: by files, which are read again when they change, or by what an object holds.</summary>
internal sealed record TlsCredential
{
    public string? CertificateFile { get; init; }

    public string? KeyFile { get; init; }

    /// <summary>The leaf first, as PEM.</summary>
    public string? Certificate { get; init; }

    public SecretText? Key { get; init; }
}

/// <summary>A text that is never written anywhere, least of all by accident.</summary>
internal sealed record SecretText(string Value)
{
    public override string ToString() => "(secret)";
}
