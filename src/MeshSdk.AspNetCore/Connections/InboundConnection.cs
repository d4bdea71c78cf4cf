using System.Net;
using Microsoft.AspNetCore.Connections;

namespace MeshSdk.AspNetCore.Connections;

/// <summary>One connection of a caller, from its first byte to its end.</summary>
internal sealed class InboundConnection(ConnectionContext connection, bool isExempt) : IMeshPeerFeature
{
    /// <summary>Null in plaintext.</summary>
    public MeshPeer? Peer { get; set; }

    /// <summary>What is written into the header for the application; null in plaintext.</summary>
    public string? ForwardedCertificate { get; set; }

    /// <summary>Whether the caller came by TLS, and so by mutual TLS.</summary>
    public bool IsSecure => Peer is not null;

    /// <summary>Whether neither mode nor policies count for it.</summary>
    public bool IsExempt => isExempt;

    /// <summary>Who is really at the other end, whatever headers say of those behind.</summary>
    public IPAddress? RemoteAddress { get; } = (connection.RemoteEndPoint as IPEndPoint)?.Address;

    /// <summary>Where it came in; 0 where it is no port.</summary>
    public int LocalPort { get; } = (connection.LocalEndPoint as IPEndPoint)?.Port ?? 0;
}
