using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Security;
using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace MeshSdk.LoadTest.Backend;

/// <summary>Counts handshakes on the side of the servers, where it can be seen whether a session was taken up.</summary>
internal sealed class HandshakeCounter
{
    // The framework asks OpenSSL, and tells nobody else.
    private static readonly FieldInfo Session =
        typeof(SslStream).GetField("_securityContext", BindingFlags.NonPublic | BindingFlags.Instance)
        ?? throw new NotSupportedException("this version of .NET keeps its sessions of TLS elsewhere");

    private static readonly MethodInfo IsReused =
        typeof(SslStream).Assembly.GetType("Interop+Ssl")?.GetMethod("SslSessionReused", BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.Static)
        ?? throw new NotSupportedException("this version of .NET, or this platform, cannot tell whether a session was resumed");

    private readonly ConcurrentDictionary<string, bool> _serials = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _serverSerials = new(StringComparer.Ordinal);
    private long _handshakes;
    private long _resumed;
    private long _bytes;
    private long _leastLeft = TimeSpan.MaxValue.Ticks;

    public HandshakeTally Tally => new(
        Interlocked.Read(ref _handshakes), Interlocked.Read(ref _resumed), Interlocked.Read(ref _bytes), _serials.Count, _serverSerials.Count,
        new TimeSpan(Volatile.Read(ref _leastLeft)), Environment.CpuUsage.TotalTime);

    /// <summary>Lays TLS over the connections of a port, and counts around it.</summary>
    public void Watch(ListenOptions listen, Action<ListenOptions> secure)
    {
        listen.Use(next => context =>
        {
            var counted = new CountingWriter(context.Transport.Output);
            context.Transport = new Pipes(context.Transport.Input, counted);
            context.Items[typeof(CountingWriter)] = counted;
            return next(context);
        });
        secure(listen);
        listen.Use(next => context =>
        {
            Add(context.Features.Get<ISslStreamFeature>()!.SslStream, ((CountingWriter)context.Items[typeof(CountingWriter)]!).Count);
            return next(context);
        });
    }

    private void Add(SslStream stream, long bytes)
    {
        Interlocked.Increment(ref _handshakes);
        Interlocked.Add(ref _bytes, bytes);
        if ((bool)IsReused.Invoke(null, [Session.GetValue(stream)])!)
        {
            Interlocked.Increment(ref _resumed);
        }

        // Not exact where two come at once, which no figure hangs on.
        var left = ((X509Certificate2)stream.RemoteCertificate!).NotAfter.ToUniversalTime() - DateTime.UtcNow;
        Volatile.Write(ref _leastLeft, Math.Min(Volatile.Read(ref _leastLeft), left.Ticks));
        _serials.TryAdd(stream.RemoteCertificate!.GetSerialNumberString(), true);
        _serverSerials.TryAdd(stream.LocalCertificate!.GetSerialNumberString(), true);
    }

    private sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
