using System.Net;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.Security.Verification;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace MeshSdk.AspNetCore.Connections;

/// <summary>One connection of a caller, from its first byte to its end.</summary>
internal sealed class InboundConnection(ConnectionContext connection, bool isExempt) : IMeshPeerFeature
{
    private int _phase;
    private CancellationTokenRegistration _stop;

    /// <summary>Null in plaintext, and until the handshake is over.</summary>
    public MeshPeer? Peer { get; set; }

    /// <summary>What is written into the header for the application; null in plaintext.</summary>
    public string? ForwardedCertificate { get; set; }

    /// <summary>Whether the caller came by mutual TLS. TLS of the application's own is none: it proves nobody to the mesh.</summary>
    public bool IsSecure => Peer is not null;

    /// <summary>Whether neither mode nor policies count for it.</summary>
    public bool IsExempt => isExempt;

    /// <summary>Who is really at the other end, whatever headers say of those behind. An IPv4 address is one, also where the socket is one of IPv6.</summary>
    public IPAddress? RemoteAddress { get; } = AddressOf(connection.RemoteEndPoint);

    /// <summary>Where it came in; 0 where it is no port.</summary>
    public int LocalPort { get; } = (connection.LocalEndPoint as IPEndPoint)?.Port ?? 0;

    /// <summary>What was proved is over: the caller's certificate has ended, or nobody is believed any more who vouched for it.</summary>
    public bool HasLapsed { get; private set; }

    /// <summary>How far it has come.</summary>
    public ConnectionPhase Phase => (ConnectionPhase)Volatile.Read(ref _phase);

    /// <summary>The timestamp when its silence has lasted too long.</summary>
    public long SilentUntil { get; init; } = long.MaxValue;

    /// <summary>The check that is made of the caller, while the handshake is under way.</summary>
    public CallerCheck? Check { get; set; }

    /// <summary>Why it was not gone on with, and of what kind that is; null: nobody has said.</summary>
    public Refusal? Refusal { get; set; }

    /// <summary>The authority of ours by whose word the caller is believed; null in plaintext.</summary>
    public X509Certificate2? Authority { get; set; }

    /// <summary>When the caller's certificate ends; never in plaintext.</summary>
    public DateTime NotAfter { get; set; } = DateTime.MaxValue;

    /// <summary>For people.</summary>
    public string Remote => connection.RemoteEndPoint?.ToString() ?? "a caller without an address";

    // The neighbours in the list of connections, which is the only one to touch them.
    internal InboundConnection? Previous { get; set; }

    internal InboundConnection? Next { get; set; }

    /// <returns>False where it is not at that phase any more, and so was given up.</returns>
    public bool Advance(ConnectionPhase from, ConnectionPhase to) => Interlocked.CompareExchange(ref _phase, (int)to, (int)from) == (int)from;

    /// <summary>Hands it on to HTTP, which minds the end of the server from here on by itself.</summary>
    /// <inheritdoc cref="Advance" path="/returns"/>
    public bool Open(ConnectionPhase from)
    {
        // Does not wait for a callback that runs: it finds that the phase is past it.
        _stop.Unregister();
        return Advance(from, ConnectionPhase.Open);
    }

    /// <summary>From now on until it is open, it is given up when the server stops: what is no call yet would hold that up.</summary>
    public void MindStop()
    {
        if (connection.Features.Get<IConnectionLifetimeNotificationFeature>() is { } lifetime)
        {
            _stop = lifetime.ConnectionClosedRequested.UnsafeRegister(static one => ((InboundConnection)one!).Stop(), this);
        }
    }

    /// <summary>It has come to its end.</summary>
    public void End() => _stop.Unregister();

    /// <summary>Wakes whoever waits for the first byte. Never once somebody reads requests, who would not know what to make of it.</summary>
    public bool GiveUpSilence()
    {
        if (!Advance(ConnectionPhase.Silent, ConnectionPhase.GivenUp))
        {
            return false;
        }

        connection.Transport.Input.CancelPendingRead();
        return true;
    }

    /// <summary>Has the connection end once its calls are answered: nobody begins another on it.</summary>
    public void RequestClose()
    {
        try
        {
            connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
#pragma warning disable CA1031 // Whoever else minds the end of the connection is called by this, and must not keep others from theirs.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    /// <summary>What was proved does not hold any more.</summary>
    public void Lapse()
    {
        HasLapsed = true;
        RequestClose();
    }

    private void Stop()
    {
        if (!GiveUpSilence() && Advance(ConnectionPhase.Greeting, ConnectionPhase.GivenUp))
        {
            connection.Abort(new ConnectionAbortedException("the server stops"));
        }
    }

    private static IPAddress? AddressOf(EndPoint? endPoint) =>
        endPoint is not IPEndPoint { Address: var address } ? null : address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
