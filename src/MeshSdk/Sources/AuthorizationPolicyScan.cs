using System.Text.RegularExpressions;
using MeshSdk.Resources;

namespace MeshSdk.Sources;

/// <summary>Looks for authorization policies in a text that is neither YAML nor JSON. Whom they let call cannot be told, so that nobody may in their namespaces.</summary>
internal static partial class AuthorizationPolicyScan
{
    /// <param name="text">From the beginning of a document, or of several where it is not known where one ends.</param>
    /// <param name="origin">Of the text.</param>
    public static IEnumerable<StandIn> Find(string text, ResourceOrigin origin)
    {
        text = DestinationRuleScan.WithoutComments(text);
        return !Policy().IsMatch(text) ? [] : DestinationRuleScan.NamespacesIn(text).Select(ns => new StandIn(
            AuthorizationStandIn.Of(new ObjectMeta { Namespace = ns, Name = DestinationRuleScan.MadeUpName(origin) }, labels: null, origin), IsNamed: false));
    }

    [GeneratedRegex(@"\bkind\b[""']?\s*:[^\n#]*?\bAuthorizationPolicy(List)?\b")]
    private static partial Regex Policy();
}
