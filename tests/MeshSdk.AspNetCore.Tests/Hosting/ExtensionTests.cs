using System.Runtime.CompilerServices;

namespace MeshSdk.AspNetCore.Tests.Hosting;

/// <summary>A <c>Program.cs</c> needs no using for what the mesh adds to an application.</summary>
public sealed class ExtensionTests
{
    // Those that the Web SDK imports by itself.
    private static readonly string[] Imported =
    [
        "Microsoft.AspNetCore.Builder", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Http", "Microsoft.AspNetCore.Routing",
        "Microsoft.Extensions.Configuration", "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Hosting", "Microsoft.Extensions.Logging",
    ];

    [Fact]
    public void Extensions_are_where_the_Web_SDK_looks_by_itself()
    {
        var extensions = typeof(MeshServerOptions).Assembly.GetExportedTypes().Where(static type => type.IsDefined(typeof(ExtensionAttribute), inherit: false)).ToList();

        Assert.NotEmpty(extensions);
        Assert.All(extensions, static type => Assert.Contains(type.Namespace, Imported));
    }
}
