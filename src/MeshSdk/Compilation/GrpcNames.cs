namespace MeshSdk.Compilation;

/// <summary>What the Gateway API allows as names of gRPC services and methods.</summary>
internal static class GrpcNames
{
    private const int MaximumLength = 1024;

    /// <summary>Identifiers with dots between them; one before them all, as for a name that is complete, changes nothing.</summary>
    public static bool IsService(string name)
    {
        if (name.Length > MaximumLength)
        {
            return false;
        }

        var rest = name.AsSpan();
        if (rest.StartsWith("."))
        {
            rest = rest[1..];
        }

        foreach (var part in rest.Split('.'))
        {
            if (!IsIdentifier(rest[part]))
            {
                return false;
            }
        }

        return true;
    }

    public static bool IsMethod(string name) => name.Length <= MaximumLength && IsIdentifier(name);

    private static bool IsIdentifier(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty || char.IsAsciiDigit(name[0]))
        {
            return false;
        }

        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                return false;
            }
        }

        return true;
    }
}
