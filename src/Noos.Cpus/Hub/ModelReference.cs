using System.Text.RegularExpressions;
using Noos.Core;
using Noos.Cpus.Library;

namespace Noos.Cpus.Hub;

/// <summary>What to pull: a model of a repository on the hub, or a file at any address.</summary>
public sealed partial record ModelReference
{
    const string Main = "main";
    const string Example = "write it like OWNER/REPO, OWNER/REPO:Q4_K_M or https://HOST/FILE.gguf";

    static readonly string[] s_hubs = ["huggingface.co", "www.huggingface.co", "hf.co"];

    ModelReference()
    {
    }

    /// <summary>"OWNER/REPO"; null when <see cref="Address"/> says it all.</summary>
    public string? Repository { get; private init; }

    /// <summary>A branch, a tag or a commit.</summary>
    public string Revision { get; private init; } = Main;

    /// <summary>Nobody asked for another revision than the usual one.</summary>
    public bool IsMain => Revision == Main;

    /// <summary>A quantization, or the name or path of a file; null for the usual choice.</summary>
    public string? Wanted { get; private init; }

    /// <summary>Of a file that is not on the hub.</summary>
    public Uri? Address { get; private init; }

    /// <param name="endpoint">The hub; its addresses are taken apart so that sizes and checksums can be asked for.</param>
    /// <exception cref="NoosException">It is neither.</exception>
    public static ModelReference Parse(string text, Uri endpoint)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(endpoint);
        var name = text.Trim();
        if (name.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            return Uri.TryCreate(name, UriKind.Absolute, out var address) ? FromAddress(address, endpoint) : throw Wrong(text);
        }

        var host = s_hubs.FirstOrDefault(hub => name.StartsWith(hub + "/", StringComparison.OrdinalIgnoreCase));
        var colon = name.IndexOf(':');
        var path = (colon < 0 ? name : name[..colon])[(host is null ? 0 : host.Length + 1)..].Split('/');
        var wanted = colon < 0 ? null : name[(colon + 1)..];
        return path.Length switch
        {
            2 when wanted is null || IsPath(wanted) => ForRepository(text, path[0], path[1], Main, wanted),
            > 2 when wanted is null => ForRepository(text, path[0], path[1], Main, string.Join('/', path[2..])),
            _ => throw Wrong(text),
        };
    }

    /// <summary>Whether a path of a repository is safe as one below a folder of this machine, whatever the hub says.</summary>
    internal static bool IsPath(string path) =>
        path.Length is > 0 and <= 1000
        && path.Split('/')
            .All(part => part is not ("" or "." or "..")
                && part.Length <= 200
                && !part.Any(c => char.IsControl(c) || c is '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|'));

    static ModelReference FromAddress(Uri address, Uri endpoint)
    {
        var isHub = s_hubs.Contains(address.Host, StringComparer.OrdinalIgnoreCase)
            || address.Authority.Equals(endpoint.Authority, StringComparison.OrdinalIgnoreCase);
        var parts = address.AbsolutePath.TrimStart('/').Split('/').Select(Uri.UnescapeDataString).ToArray();
        if (isHub && parts is [var owner, var repository, .. var rest])
        {
            return rest switch
            {
                [] or [""] or ["tree", _] =>
                    ForRepository(address.ToString(), owner, repository, rest is [_, var branch] ? branch : Main, null),
                ["resolve" or "blob", var revision, .. { Length: > 0 } file] =>
                    ForRepository(address.ToString(), owner, repository, revision, string.Join('/', file)),
                _ => throw Wrong(address.ToString()),
            };
        }

        var isModel = parts[^1].EndsWith(SplitName.Extension, StringComparison.OrdinalIgnoreCase)
            || SpeechModelFile.IsName(parts[^1]) || VoiceModelFile.IsName(parts[^1]);
        return isModel && !parts[^1].Contains('/') && IsPath(parts[^1])
            ? new ModelReference { Address = address }
            : throw new NoosException(
                $"'{address}' is no address of a GGUF file; it must end with '.gguf', or be an ear, 'ggml-NAME.bin', "
                + "or a voice, 'NAME.onnx'.");
    }

    static ModelReference ForRepository(string text, string owner, string repository, string revision, string? wanted) =>
        Names().IsMatch(owner) && Names().IsMatch(repository) && Names().IsMatch(revision) && (wanted is null || IsPath(wanted))
            ? new ModelReference { Repository = $"{owner}/{repository}", Revision = revision, Wanted = wanted }
            : throw Wrong(text);

    static NoosException Wrong(string text) => new($"'{text}' names no model that can be pulled; {Example}.");

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._-]{0,150}\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Names();
}
