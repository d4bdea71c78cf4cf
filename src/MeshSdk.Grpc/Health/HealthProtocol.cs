using System.Collections.Concurrent;
using Grpc.Core;
using MeshSdk.Transport;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Grpc.Health;

/// <summary>Client-side health checking (gRFC A17): each endpoint is asked by a stream of its own, which tells every change.</summary>
internal sealed partial class HealthProtocol(MeshGrpcHealthOptions options, TimeProvider time, Random random, ILogger logger) : IEndpointHealthSource
{
    // Services that were said to have no health service; to begin anew now and then costs less than to know which are still there.
    private const int MostTold = 1024;

    private readonly ConcurrentDictionary<EndpointState, byte> _notServing = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentDictionary<string, byte> _told = new(StringComparer.Ordinal);

    public IReadOnlyCollection<EndpointState> NotServing => [.. _notServing.Keys];

    public IDisposable Watch(EndpointState endpoint, Uri called, Action changed)
    {
        var watch = new EndpointWatch(endpoint, called, ServiceOf(endpoint), changed, this, time, random);
        watch.Start();
        return watch;
    }

    /// <summary>What an endpoint is asked for.</summary>
    public string ServiceOf(EndpointState endpoint) =>
        options.Services.TryGetValue($"{endpoint.Cluster.Namespace}/{endpoint.Cluster.Service}", out var name) ? name : options.Service;

    /// <summary>Keeps the list of those that do not serve.</summary>
    public void Note(EndpointState endpoint, bool isServing)
    {
        if (isServing)
        {
            _notServing.TryRemove(endpoint, out _);
        }
        else
        {
            _notServing[endpoint] = 0;
        }
    }

    /// <summary>An endpoint has said something new of itself.</summary>
    public void Tell(EndpointState endpoint, bool isServing, string status)
    {
        if (isServing)
        {
            LogServing(endpoint);
        }
        else
        {
            LogNotServing(endpoint, status);
        }
    }

    /// <summary>An endpoint knows no health service.</summary>
    public void TellUnimplemented(EndpointState endpoint)
    {
        if (_told.Count >= MostTold)
        {
            _told.Clear();
        }

        if (_told.TryAdd(endpoint.Cluster.ToString(), 0))
        {
            LogUnimplemented(endpoint);
        }
    }

    public void TellLost(EndpointState endpoint, TimeSpan wait, Status status) => LogLost(endpoint, status, Math.Round(wait.TotalSeconds, 3));

    public void TellFailed(EndpointState endpoint, Exception error) => LogFailed(endpoint, error.Message, error);

    [LoggerMessage(1, LogLevel.Warning, "{Endpoint} is not called: it says {Status} of itself.", EventName = "NotServing")]
    private partial void LogNotServing(EndpointState endpoint, string status);

    [LoggerMessage(2, LogLevel.Information, "{Endpoint} is called again: it says that it serves.", EventName = "Serving")]
    private partial void LogServing(EndpointState endpoint);

    [LoggerMessage(
        3, LogLevel.Information,
        "{Endpoint} does not tell whether it serves: it has no grpc.health.v1.Health. It is called as if it did. This is said once for each port of a service.",
        EventName = "HealthUnimplemented")]
    private partial void LogUnimplemented(EndpointState endpoint);

    [LoggerMessage(
        4, LogLevel.Debug, "{Endpoint} cannot be asked whether it serves, and is asked again in {Seconds} s; until then what it said last holds: {Status}",
        EventName = "HealthLost")]
    private partial void LogLost(EndpointState endpoint, Status status, double seconds);

    [LoggerMessage(5, LogLevel.Error, "What {Endpoint} says of itself could not be put in force, and it is asked again: {Reason}", EventName = "HealthFailed")]
    private partial void LogFailed(EndpointState endpoint, string reason, Exception error);
}
