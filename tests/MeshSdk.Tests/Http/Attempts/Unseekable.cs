using System.Text;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Http.Attempts;

/// <summary>A stream that can be read once, as those of the network can.</summary>
internal sealed class Unseekable(string text) : DelegatingStream(new MemoryStream(Encoding.UTF8.GetBytes(text)))
{
    public override bool CanSeek => false;
}
