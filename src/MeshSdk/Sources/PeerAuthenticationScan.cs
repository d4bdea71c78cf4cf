using System.Text.RegularExpressions;
using MeshSdk.Resources;

namespace MeshSdk.Sources;

/// <summary>
/// Looks for peer authentications in a text that is neither YAML nor JSON. What they ask for cannot be told, so that nothing goes to their namespaces in
/// plaintext.
/// </summary>
internal static partial class PeerAuthenticationScan
{
    /// <param name="text">From the beginning of a document, or of several where it is not known where one ends.</param>
    /// <param name="origin">Of the text.</param>
    public static IEnumerable<StandIn> Find(string text, ResourceOrigin origin)
    {
        text = DestinationRuleScan.WithoutComments(text);
        return !Policy().IsMatch(text) ? [] : DestinationRuleScan.NamespacesIn(text).Select(ns => new StandIn(
            new PeerAuthentication
            {
                Metadata = new ObjectMeta { Namespace = ns, Name = DestinationRuleScan.MadeUpName(origin) },
                Spec = new PeerAuthenticationSpec { Mtls = new PeerMutualTls { Mode = PeerMutualTls.Unreadable } },
                Origin = origin,
            },
            IsNamed: false));
    }

    [GeneratedRegex(@"\bkind\b[""']?\s*:[^\n#]*?\bPeerAuthentication(List)?\b")]
    private static partial Regex Policy();
}
