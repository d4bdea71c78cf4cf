using MeshSdk.AspNetCore.Tests.Fixtures.Clients;

namespace MeshSdk.AspNetCore.Tests.Matrix;

/// <summary>Who may talk to a server of the mesh, and as whom: each caller × what it speaks × over what × each mode × each way to ask for the mode.</summary>
internal static class WhoMayTalk
{
    public const string AsItself = "its identity", AsNobody = "plaintext", Refused = "refused";

    private static readonly (string Mode, string Layer, string Expected)[] Table =
    [
        ("PERMISSIVE", Layers.MutualTls, AsItself),
        ("PERMISSIVE", Layers.Plaintext, AsNobody),
        ("PERMISSIVE", Layers.OneSidedTls, Refused),
        ("STRICT", Layers.MutualTls, AsItself),
        ("STRICT", Layers.Plaintext, Refused),
        ("STRICT", Layers.OneSidedTls, Refused),
        ("DISABLE", Layers.MutualTls, Refused),
        ("DISABLE", Layers.Plaintext, AsNobody),
        ("DISABLE", Layers.OneSidedTls, Refused),
    ];

    public static TheoryData<string, string, string, string, string, string> Cells(
        IEnumerable<(string Name, ICaller Caller, string[] Protocols, string[] Layers)> callers, params IEnumerable<string> ways)
    {
        var cells = new TheoryData<string, string, string, string, string, string>();
        foreach (var (name, protocol, layer) in callers.SelectMany(static c => c.Protocols.SelectMany(protocol => c.Layers.Select(layer => (c.Name, protocol, layer)))))
        {
            foreach (var (mode, _, expected) in Table.Where(row => row.Layer == layer))
            {
                foreach (var way in ways)
                {
                    cells.Add(name, protocol, layer, mode, way, expected);
                }
            }
        }

        return cells;
    }

    public static async Task CheckAsync(Servers servers, string caller, string protocol, string layer, string mode, string way, string expected)
    {
        var host = await servers.AskingForAsync(way, mode);

        // Nothing but the first bytes could tell HTTP/2 from HTTP/1.1 in plaintext: Kestrel wants an endpoint of its own for it.
        var isOwnEndpoint = protocol == Protocols.Grpc || (protocol == Protocols.Http2 && layer == Layers.Plaintext);
        var answer = await Callers.Named(caller).CallAsync(new Call(isOwnEndpoint ? host.Http2Only : host.Mixed, protocol, layer, servers.Caller));

        var spoken = protocol == Protocols.Http1 ? "HTTP/1.1" : "HTTP/2";
        Assert.Equal(expected switch { AsItself => $"{Servers.Client} {spoken}", AsNobody => $"plaintext {spoken}", _ => Refused }, answer.Text);
        if (answer.Agreed is { } agreed)
        {
            // Never a name of Istio's: they only tell that it is the mesh that calls.
            Assert.Equal(protocol == Protocols.Http1 ? "http/1.1" : "h2", agreed);
        }
    }
}
