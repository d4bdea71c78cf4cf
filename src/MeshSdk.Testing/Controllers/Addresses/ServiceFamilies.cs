using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Controllers.Addresses;

/// <summary>Settles <c>ipFamilyPolicy</c> and the families of a Service: as written, as before, by its addresses, else IPv4 alone.</summary>
internal static class ServiceFamilies
{
    private const string SingleStack = "SingleStack";
    private const string RequireDualStack = "RequireDualStack";

    /// <param name="written">The addresses that the Service names.</param>
    /// <returns>One family, or two with the one that counts first.</returns>
    public static ImmutableArray<string> Settle(ResourceType type, string name, JsonObject? before, JsonObject spec, ImmutableArray<string> written)
    {
        var held = before?["spec"].TextsAt("ipFamilies") ?? [];
        var families = spec.TextsAt("ipFamilies");
        var policy = spec.TextAt("ipFamilyPolicy");
        if (held is [var primary, ..] && families is [var first, ..] && first != primary)
        {
            throw InvalidField.Value(type, name, "spec.ipFamilies[0]", InvalidField.List(families), "may not change once set");
        }

        if (families.IsEmpty)
        {
            families = !held.IsEmpty ? held
                : written.Select(text => IPAddress.TryParse(text, out var ip) ? AddressRange.FamilyOf(ip) : null).OfType<string>().ToImmutableArray();
        }

        // Without a selector nothing is known of what is behind it, so it may be both.
        var isOpen = written is ["None", ..] && spec["selector"] is not JsonObject { Count: > 0 };
        policy ??= before?["spec"].TextAt("ipFamilyPolicy")
            ?? (families.Length > 1 || written.Length > 1 || (isOpen && families.IsEmpty) ? RequireDualStack : SingleStack);
        families = families.IsEmpty ? [held is [var kept, ..] ? kept : "IPv4"] : families;
        if (policy != SingleStack)
        {
            families = families.Length > 1 ? families : [families[0], families[0] == "IPv4" ? "IPv6" : "IPv4"];
        }
        else if (families.Length > 1 && before is null)
        {
            throw InvalidField.Value(
                type, name, "spec.ipFamilyPolicy", $"\"{policy}\"",
                "must be RequireDualStack or PreferDualStack when multiple ipFamilies are specified");
        }
        else
        {
            families = [families[0]];
        }

        spec["ipFamilyPolicy"] = policy;
        return families;
    }
}
