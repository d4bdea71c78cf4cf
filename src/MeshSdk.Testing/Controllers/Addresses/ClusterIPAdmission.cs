using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Controllers.Addresses;

/// <summary>
/// Gives Services their address families and cluster IPs, as a cluster of both families does whose first one is IPv4. May be called while the
/// store is locked, which then has to let the same thread read.
/// </summary>
internal sealed class ClusterIPAdmission(IClusterApi api) : IAdmission
{
    private const string Headless = "None";

    private readonly ClusterAddresses _addresses = new(api);

    public void Admit(ResourceType type, JsonObject? before, JsonObject after)
    {
        if (type is not { Group: "", Plural: "services" })
        {
            return;
        }

        if (after["spec"] is not JsonObject spec)
        {
            after["spec"] = spec = [];
        }

        if (spec.TextAt("type") == "ExternalName")
        {
            Strip(type, before, after, spec);
            return;
        }

        Inherit(type, before?["spec"] as JsonObject, after, spec);
        var written = Written(spec);
        var families = ServiceFamilies.Settle(type, after.Name(), before, spec, written);
        Set(spec, written is [Headless, ..] ? [Headless] : Allocate(type, after, families, written), families);
    }

    /// <summary>An ExternalName is a name in DNS and has no address; one that was something else before gives its own back.</summary>
    private static void Strip(ResourceType type, JsonObject? before, JsonObject after, JsonObject spec)
    {
        if (Written(spec) is { Length: > 0 } written && !written.SequenceEqual(before is null ? [] : Written(before["spec"])))
        {
            throw InvalidField.Forbidden(type, after.Name(), "spec.clusterIPs", "may not be set for services with type \"ExternalName\"");
        }

        foreach (var field in new[] { "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy" })
        {
            spec.Remove(field);
        }
    }

    /// <summary>Who replaces a Service without naming its addresses means those that it has.</summary>
    private static void Inherit(ResourceType type, JsonObject? before, JsonObject after, JsonObject spec)
    {
        if (before is null || before.TextAt("type") == "ExternalName" || Written(before) is not [var primary, ..] held)
        {
            return;
        }

        var written = Written(spec);
        if (written.IsEmpty)
        {
            spec["clusterIP"] = primary;
            spec["clusterIPs"] = held.ToJsonArray();
        }
        else if (written[0] != primary)
        {
            throw InvalidField.Value(type, after.Name(), "spec.clusterIPs[0]", InvalidField.List(written), "may not change once set");
        }
        else if (written.Length == 1 && spec["clusterIPs"] is null)
        {
            spec["clusterIPs"] = held.ToJsonArray();
        }
    }

    private ImmutableArray<string> Allocate(ResourceType type, JsonObject after, ImmutableArray<string> families, ImmutableArray<string> written)
    {
        var (ns, name) = (after.Namespace(), after.Name());
        var allocated = ImmutableArray.CreateBuilder<string>();

        // What is asked for comes first: what is drawn must not take it.
        for (var i = 0; i < Math.Min(families.Length, written.Length); i++)
        {
            allocated.Add(Claim(type, ns, name, i, families[i], written));
        }

        foreach (var family in families.Skip(allocated.Count).ToArray())
        {
            var range = AddressRange.Of(family);
            allocated.Add(_addresses.Draw(range, ns, name)?.ToString()
                ?? throw new ApiException(500, "InternalError", $"Internal error occurred: failed to allocate a serviceIP: range {range} is full"));
        }

        return allocated.ToImmutable();
    }

    private string Claim(ResourceType type, string ns, string name, int index, string family, ImmutableArray<string> written)
    {
        if (!IPAddress.TryParse(written[index], out var address))
        {
            throw InvalidField.Value(
                type, name, $"spec.clusterIPs[{index}]", $"\"{written[index]}\"", "must be empty, 'None', or a valid IP address");
        }

        if (AddressRange.FamilyOf(address) != family)
        {
            throw InvalidField.Value(
                type, name, $"spec.clusterIPs[{index}]", $"\"{written[index]}\"", $"expected an {family} value as indicated by `ipFamilies[{index}]`");
        }

        var range = AddressRange.Of(family);
        var reason = !range.Contains(address) ? $"the provided IP ({address}) is not in the valid range. The range of valid IPs is {range}"
            : !_addresses.TryClaim(address, ns, name) ? "provided IP is already allocated"
            : null;
        return reason is null ? written[index] : throw InvalidField.Value(
            type, name, "spec.clusterIPs", InvalidField.List(written), $"failed to allocate IP {address}: {reason}");
    }

    private static void Set(JsonObject spec, ImmutableArray<string> addresses, ImmutableArray<string> families)
    {
        spec["clusterIP"] = addresses[0];
        spec["clusterIPs"] = addresses.ToJsonArray();
        spec["ipFamilies"] = families.ToJsonArray();
    }

    /// <summary>What the object says of its addresses, by the old field or the new one.</summary>
    private static ImmutableArray<string> Written(JsonNode? spec) =>
        spec.TextsAt("clusterIPs") is { Length: > 0 } many && (spec.TextAt("clusterIP") ?? many[0]) == many[0] ? many
        : spec.TextAt("clusterIP") is { } single ? [single]
        : spec.TextsAt("clusterIPs");
}
