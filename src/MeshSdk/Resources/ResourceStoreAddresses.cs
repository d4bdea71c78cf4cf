using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.Resources;

/// <summary>An address that a service states and another one has.</summary>
internal readonly record struct TakenAddress(string Address, ServiceId Owner);

/// <summary>
/// Which service has a cluster address. A cluster gives each to one; objects that were written or copied by hand may state the same one
/// several times. The oldest has it then, whatever the order of arrival; of equally old ones the first by namespace and name. A missing
/// time counts as the oldest.
/// </summary>
internal sealed class ResourceStoreAddresses
{
    // Oldest first.
    private readonly Dictionary<string, ImmutableArray<Service>> _claims = new(StringComparer.Ordinal);

    public void Add(Service service)
    {
        foreach (var address in AddressesOf(service))
        {
            var claims = _claims.GetValueOrDefault(address, []);
            var index = 0;
            while (index < claims.Length && CompareAge(claims[index], service) < 0)
            {
                index++;
            }

            _claims[address] = claims.Insert(index, service);
        }
    }

    public void Remove(Service service)
    {
        foreach (var address in AddressesOf(service))
        {
            var rest = _claims[address].RemoveAll(claim => ReferenceEquals(claim, service));
            if (rest.IsEmpty)
            {
                _claims.Remove(address);
            }
            else
            {
                _claims[address] = rest;
            }
        }
    }

    /// <summary>Other services that state one of the addresses of this one.</summary>
    public IEnumerable<ServiceId> RivalsOf(Service service) =>
        AddressesOf(service)
            .SelectMany(address => _claims.GetValueOrDefault(address, []))
            .Where(claim => !ReferenceEquals(claim, service))
            .Select(ResourceStoreReferences.ServiceId);

    /// <summary>Addresses that the service states and does not have.</summary>
    public ImmutableArray<TakenAddress> TakenFrom(Service service)
    {
        ImmutableArray<TakenAddress> taken = [];
        foreach (var address in AddressesOf(service))
        {
            if (_claims.TryGetValue(address, out var claims) && claims[0].ServiceId() is var owner && owner != service.ServiceId())
            {
                taken = taken.Add(new(address, owner));
            }
        }

        return taken;
    }

    private static List<string> AddressesOf(Service service)
    {
        var addresses = new List<string>(1);
        if (service.IsExternalName)
        {
            return addresses;
        }

        foreach (var (text, _) in service.StatedAddresses())
        {
            if (PeerAddress.TryParse(text, out var address) && !addresses.Contains(address.Text))
            {
                addresses.Add(address.Text);
            }
        }

        return addresses;
    }

    private static int CompareAge(Service left, Service right)
    {
        var byTime = Nullable.Compare(left.Metadata.CreationTimestamp, right.Metadata.CreationTimestamp);
        var byNamespace = byTime != 0 ? byTime : string.CompareOrdinal(left.Metadata.Namespace, right.Metadata.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(left.Metadata.Name, right.Metadata.Name);
    }
}
