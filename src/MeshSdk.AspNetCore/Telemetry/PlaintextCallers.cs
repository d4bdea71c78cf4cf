using System.Net;
using MeshSdk.AspNetCore.Connections;
using MeshSdk.Model;
using Microsoft.Extensions.Logging;

namespace MeshSdk.AspNetCore.Telemetry;

/// <summary>
/// Names those who still come in plaintext where both kinds of connections are taken: whoever is about to ask for mutual TLS alone has to know whom that
/// would cut off, and nothing else tells of a caller that has proved nothing. Each address is told once in an hour, and in that hour a few of them.
/// </summary>
internal sealed partial class PlaintextCallers(ILogger logger, TimeProvider time)
{
    private const int CallersPerWindow = 64;
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly HashSet<IPAddress> _told = [];
    private long _begin = time.GetTimestamp();

    /// <summary>A connection was taken.</summary>
    /// <param name="connection">One in plaintext, or of TLS that is not the mesh's.</param>
    /// <param name="mode">Which is in force where it came in.</param>
    /// <param name="stated">By whom that is asked for.</param>
    public void Taken(InboundConnection connection, PeerMode mode, string stated)
    {
        if (mode != PeerMode.Permissive || !logger.IsEnabled(LogLevel.Information))
        {
            return;
        }

        bool isTooMany;
        lock (_gate)
        {
            if (time.GetElapsedTime(_begin) >= Window)
            {
                _begin = time.GetTimestamp();
                _told.Clear();
            }

            if (_told.Count > CallersPerWindow || !_told.Add(connection.RemoteAddress ?? IPAddress.None))
            {
                return;
            }

            isTooMany = _told.Count > CallersPerWindow;
        }

        if (isTooMany)
        {
            LogMore(CallersPerWindow);
        }
        else
        {
            var address = connection.RemoteAddress?.ToString() ?? connection.Remote;
            LogTaken(address, connection.LocalPort, stated);
        }
    }

    [LoggerMessage(
        EventId = 3, EventName = "PlaintextCaller", Level = LogLevel.Information,
        Message = "{Address} calls port {Port} without mutual TLS, which is taken as long as the mode is PERMISSIVE ({Mode}). It is not named again for an hour.")]
    private partial void LogTaken(string address, int port, string mode);

    [LoggerMessage(
        EventId = 4, EventName = "PlaintextCallersNotTold", Level = LogLevel.Information,
        Message = "More than {Count} addresses call without mutual TLS. The others are not named for the rest of the hour.")]
    private partial void LogMore(int count);
}
