using System.Collections.Immutable;
using MeshSdk.Security.Trust;
using Microsoft.Extensions.Logging;

namespace MeshSdk.AspNetCore.Connections;

/// <summary>
/// Brings changes to the connections that are there: those that are not allowed any more, or whose callers nobody believes any more, end when their calls are
/// answered. All others are left alone.
/// </summary>
internal sealed partial class LiveChanges(MeshServer server, ILogger logger)
{
    private int _asked;
    private ImmutableArray<string> _unvouched = [];

    /// <summary>Something has changed. Whoever says so goes on at once; several changes that follow each other are one.</summary>
    public void Follow()
    {
        if (Interlocked.Increment(ref _asked) == 1)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static changes => changes.Run(), this, preferLocal: false);
        }
    }

    private void Run()
    {
        int seen;
        do
        {
            seen = Volatile.Read(ref _asked);
            Guarded.Run(logger, EndForbidden);
            Guarded.Run(logger, EndUnbelieved);
        }
        while (Interlocked.CompareExchange(ref _asked, 0, seen) != seen);
    }

    private void EndForbidden()
    {
        // What has come past a proxy before it was there ends too: from then on, callers come through it.
        foreach (var connection in server.Connections.Where(
            static (one, server) => one.Phase == ConnectionPhase.Open && !server.Keeps(one), server))
        {
            connection.RequestClose();
        }
    }

    private void EndUnbelieved()
    {
        // Without an identity nothing new is known of whom to believe.
        if (server.Acceptor.Trust is not { } trust)
        {
            return;
        }

        foreach (var connection in server.Connections.Where(static (one, _) => one is { Phase: ConnectionPhase.Open, IsSecure: true, Lapsed: null }, trust))
        {
            if (Withdrawn(trust, connection) is { } reason)
            {
                connection.Lapse(reason);
            }
        }

        // Aliases may well have no authorities of their own; what the server lists has been listed for its callers.
        ImmutableArray<string> unvouched = [.. trust.Unvouched.Intersect(server.Options.TrustDomains, StringComparer.Ordinal)];
        if (!unvouched.IsEmpty && !unvouched.SequenceEqual(_unvouched, StringComparer.Ordinal))
        {
            LogUnvouched(string.Join(", ", unvouched));
        }

        _unvouched = unvouched;
    }

    // TLS disposes of a caller's certificate when the connection ends, which may be now, and the application may have done so. That must keep no other
    // connection from being looked at.
    private static string? Withdrawn(CallerTrust trust, InboundConnection connection)
    {
        try
        {
            return trust.Withdrawn(connection.Peer!.Id, connection.Path);
        }
#pragma warning disable CA1031 // What a certificate throws that is gone differs by platform.
        catch (Exception)
#pragma warning restore CA1031
        {
            return "its certificate is gone, so that nobody can tell whether it is still believed";
        }
    }

    [LoggerMessage(
        2, LogLevel.Warning, "Callers of {Domains} (Mesh:Server:TrustDomains) are refused: the identity of this process comes with no trust bundle of that.", EventName = "TrustDomainUnvouched")]
    private partial void LogUnvouched(string domains);
}
