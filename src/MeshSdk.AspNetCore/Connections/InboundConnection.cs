using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.Security.Verification;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace MeshSdk.AspNetCore.Connections;

/// <summary>One connection of a caller, from its first byte to its end.</summary>
internal sealed class InboundConnection(ConnectionContext connection, bool isExempt) : IMeshPeerFeature
{
    private static readonly TimeSpan LongestMargin = TimeSpan.FromSeconds(30);

    private int _phase;
    private int _isAborted;
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

    /// <summary>Why what was proved is over, for people: the caller's certificate has ended, or is believed no longer. Null: it is not.</summary>
    public string? Lapsed { get; private set; }

    /// <summary>Whether it was asked to end once its calls are answered.</summary>
    public bool IsToldToGo { get; private set; }

    /// <summary>The timestamp when it was first found told to go and not allowed; null: it is allowed. <see cref="Deadlines"/> alone touches it.</summary>
    public long? ForbiddenSince { get; set; }

    /// <summary>How far it has come.</summary>
    public ConnectionPhase Phase => (ConnectionPhase)Volatile.Read(ref _phase);

    /// <summary>The timestamp when its silence has lasted too long.</summary>
    public long SilentUntil { get; init; } = long.MaxValue;

    /// <summary>The check that is made of the caller, while the handshake is under way.</summary>
    public CallerCheck? Check { get; set; }

    /// <summary>Why it was not gone on with, and of what kind that is; null: nobody has said.</summary>
    public Refusal? Refusal { get; set; }

    /// <summary>From the caller's certificate up to an authority of ours; empty in plaintext.</summary>
    public ImmutableArray<X509Certificate2> Path { get; private set; } = [];

    /// <summary>When the caller's certificate ends, or one that vouches for it; never in plaintext.</summary>
    public DateTime NotAfter { get; private set; } = DateTime.MaxValue;

    /// <summary>When it is asked to end, which is so long before <see cref="NotAfter"/> that no call need be refused.</summary>
    public DateTime CloseAt { get; private set; } = DateTime.MaxValue;

    /// <summary>For people.</summary>
    public string Remote => connection.RemoteEndPoint switch
    {
        null => "a caller without an address",
        IPEndPoint { Port: var port } when RemoteAddress is { } address => new IPEndPoint(address, port).ToString(),
        var other => other.ToString() ?? other.GetType().Name,
    };

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

    /// <summary>The caller has proved who it is.</summary>
    /// <param name="caller">Who.</param>
    /// <param name="notAfter">Until when that holds.</param>
    /// <param name="now">The time.</param>
    public void Prove(Caller caller, DateTime notAfter, DateTime now)
    {
        var margin = (notAfter - now) / 10;
        (Path, NotAfter, CloseAt) = (caller.Path, notAfter, notAfter - (margin < LongestMargin ? margin : LongestMargin));
        Peer = new MeshPeer(caller.Id, caller.Certificate);
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
        if (IsToldToGo)
        {
            return;
        }

        IsToldToGo = true;
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
    public void Lapse(string reason)
    {
        Lapsed ??= reason;
        RequestClose();
    }

    /// <summary>Ends it at once, with all its calls.</summary>
    /// <returns>False where that was done before.</returns>
    public bool Abort(string reason)
    {
        if (Interlocked.Exchange(ref _isAborted, 1) != 0)
        {
            return false;
        }

        connection.Abort(new ConnectionAbortedException(reason));
        return true;
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
