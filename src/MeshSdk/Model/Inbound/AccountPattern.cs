namespace MeshSdk.Model;

/// <summary>A service account of a namespace, in any trust domain.</summary>
internal sealed class AccountPattern(string @namespace, string account)
{
    private readonly string _namespace = $"/ns/{@namespace}/";
    private readonly string _account = $"/sa/{account}";

    /// <param name="principal">An identity without its scheme.</param>
    public bool Matches(ReadOnlySpan<char> principal)
    {
        // The trust domain comes first, and has a character at least.
        if (principal.IsEmpty || principal[1..].IndexOf(_namespace) is not (>= 0 and var start))
        {
            return false;
        }

        // With the slash before it. Further parts may stand before the account and after it, but no account begins like another one.
        var rest = principal[(start + _namespace.Length)..];
        while (rest.IndexOf(_account) is >= 0 and var index)
        {
            rest = rest[(index + _account.Length)..];
            if (rest.IsEmpty || (rest.Length > 1 && rest[0] == '/'))
            {
                return true;
            }
        }

        return false;
    }
}
