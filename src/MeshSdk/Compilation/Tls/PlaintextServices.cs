using System.Collections.Immutable;
using System.Globalization;
using MeshSdk.Model;

namespace MeshSdk.Compilation.Tls;

/// <summary>
/// Which services are called in plaintext for want of an identity. That is one problem with one cure, however many they are, so that it is told once for the
/// whole mesh. As long as no service shows that an identity would make a difference nothing is told: a cluster without a mesh needs none.
/// </summary>
internal sealed class PlaintextServices
{
    private const int Shown = 3;

    private readonly SortedDictionary<string, IdentityLack> _services = new(StringComparer.Ordinal);
    private int _certain;
    private ImmutableArray<MeshDiagnostic>? _told;

    public void Set(ServiceId id, IdentityLack lack)
    {
        var name = id.ToString();
        var before = _services.GetValueOrDefault(name);
        if (before == lack)
        {
            return;
        }

        _certain += (lack == IdentityLack.Certain ? 1 : 0) - (before == IdentityLack.Certain ? 1 : 0);
        _told = null;
        if (lack == IdentityLack.None)
        {
            _services.Remove(name);
        }
        else
        {
            _services[name] = lack;
        }
    }

    public void Clear()
    {
        _services.Clear();
        _certain = 0;
        _told = null;
    }

    public ImmutableArray<MeshDiagnostic> Diagnostics => _told ??= Tell();

    private ImmutableArray<MeshDiagnostic> Tell()
    {
        if (_certain == 0)
        {
            return [];
        }

        var more = _services.Count > Shown ? ", …" : "";
        var message = string.Create(
            CultureInfo.InvariantCulture,
            $"calls to {_services.Count} {(_services.Count == 1 ? "Service" : "Services")} are sent in plaintext ({string.Join(", ", _services.Keys.Take(Shown))}{more}), since this process has no identity to do mutual TLS with; give it one (Mesh:Identity), or state DISABLE in a DestinationRule");
        return [new MeshDiagnostic(DiagnosticSeverity.Warning, DiagnosticCode.PlaintextForWantOfIdentity, MeshDiagnostic.OfMesh, "", message)];
    }
}
