using System.Net.Security;

namespace MeshSdk.AspNetCore.Tests.Fixtures.Wire;

/// <summary>The first bytes of a client of TLS, which are sent by nobody.</summary>
internal static class Greeting
{
    public static async Task<byte[]> RecordAsync()
    {
        using var recorder = new Recorder();
        await using var tls = new SslStream(recorder);
        await Assert.ThrowsAnyAsync<IOException>(() => tls.AuthenticateAsClientAsync("backend"));
        return recorder.Sent.ToArray();
    }

    private sealed class Recorder : Stream
    {
        public MemoryStream Sent { get; } = new();

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        // Nobody answers.
        public override int Read(byte[] buffer, int offset, int count) => 0;

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Sent.Write(buffer, offset, count);
    }
}
