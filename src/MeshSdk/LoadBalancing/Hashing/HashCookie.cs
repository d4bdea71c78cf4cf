using System.Globalization;
using System.Text;
using MeshSdk.Model;

namespace MeshSdk.LoadBalancing.Hashing;

/// <summary>A cookie made for a client that has none yet. The request is hashed by it already, and its response brings it.</summary>
/// <param name="model">What it is to look like.</param>
/// <param name="value">Any text that no other client has.</param>
internal sealed class HashCookie(HashModel model, string value)
{
    public string Value => value;

    /// <summary>What a <c>Set-Cookie</c> header says, in Envoy's form.</summary>
    public string SetCookie
    {
        get
        {
            var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{model.Name}=\"{value}\"");
            if (model.Ttl is { } ttl && (long)ttl.TotalSeconds is > 0 and var seconds)
            {
                text.Append(CultureInfo.InvariantCulture, $"; Max-Age={seconds}");
            }

            if (!string.IsNullOrEmpty(model.Path))
            {
                text.Append("; Path=").Append(model.Path);
            }

            foreach (var (name, setting) in model.Attributes)
            {
                text.Append("; ").Append(name);
                if (setting.Length > 0)
                {
                    text.Append('=').Append(setting);
                }
            }

            return text.Append("; HttpOnly").ToString();
        }
    }
}
