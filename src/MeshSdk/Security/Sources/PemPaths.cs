using MeshSdk.Security.Pem;

namespace MeshSdk.Security.Sources;

/// <summary>Three files, each named.</summary>
internal sealed class PemPaths(string certificate, string privateKey, string trustBundle) : PemLocation
{
    private readonly PemFiles _files = new(Path.GetFullPath(certificate), Path.GetFullPath(privateKey), Path.GetFullPath(trustBundle));

    public override string Name => $"the PEM file {_files.Certificate}";

    public override PemFiles Find() => _files.WithRevocations();
}
