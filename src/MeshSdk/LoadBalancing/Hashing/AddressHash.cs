using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace MeshSdk.LoadBalancing.Hashing;

/// <summary>Hashes the address of the caller itself: all of its requests go to one endpoint, and those of its replicas to others.</summary>
internal sealed class AddressHash : RequestHash
{
    private readonly ulong? _hash;

    /// <param name="address">Null: one is looked for.</param>
    public AddressHash(string? address, Random random)
        : base(random)
    {
        var text = IPAddress.TryParse(address, out var own) ? own.ToString() : Find()?.ToString();
        _hash = text is null ? null : XxHash.Of(text);
    }

    protected override bool TryHash(in PickContext context, out ulong hash)
    {
        hash = _hash.GetValueOrDefault();
        return _hash.HasValue;
    }

    // The first one that others could see. IPv4 comes first, as it does in the status of a pod nearly everywhere.
    private static IPAddress? Find()
    {
        try
        {
            return NetworkInterface.GetAllNetworkInterfaces()
                .Where(static card => card.OperationalStatus == OperationalStatus.Up && card.NetworkInterfaceType != NetworkInterfaceType.Loopback)
                .SelectMany(static card => card.GetIPProperties().UnicastAddresses)
                .Select(static unicast => unicast.Address)
                .Where(static address => !address.IsIPv6LinkLocal)
                .OrderBy(static address => address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)
                .FirstOrDefault();
        }
        catch (NetworkInformationException)
        {
            return null; // then chance decides, as it does for a proxy that does not know
        }
    }
}
