using System.Net;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Controllers.Addresses;

/// <summary>
/// Which Service has which address. What is noted here is only where to look: the Services themselves say whether they (still) have an address,
/// so that a deletion frees it at once, and a write that was refused later, or was only a dry run, keeps none.
/// </summary>
internal sealed class ClusterAddresses(IClusterApi api)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, (string Namespace, string Name)> _owners = [];
    private readonly Dictionary<AddressRange, int> _next = [];

    /// <summary>False where another Service has the address.</summary>
    public bool TryClaim(IPAddress address, string ns, string name)
    {
        lock (_lock)
        {
            if (_owners.TryGetValue(address, out var owner) && owner != (ns, name) && IsInUse(address, owner))
            {
                return false;
            }

            _owners[address] = (ns, name);
            return true;
        }
    }

    /// <summary>
    /// The next free address, in turn and not the lowest: one that was just freed may still be in somebody's memory. Null where there is none.
    /// </summary>
    public IPAddress? Draw(AddressRange range, string ns, string name)
    {
        lock (_lock)
        {
            var start = _next.GetValueOrDefault(range, AddressRange.FirstDrawn);
            for (var i = 0; i < AddressRange.Size; i++)
            {
                var offset = (start + i) % AddressRange.Size;
                var address = range.At(offset);
                if (range.Contains(address) && TryClaim(address, ns, name))
                {
                    _next[range] = offset + 1;
                    return address;
                }
            }

            return null;
        }
    }

    private bool IsInUse(IPAddress address, (string Namespace, string Name) owner) =>
        api.Get("", "services", owner.Namespace, owner.Name) is { } service
        && service.TextsAt("spec", "clusterIPs").Any(text => IPAddress.TryParse(text, out var used) && used.Equals(address));
}
