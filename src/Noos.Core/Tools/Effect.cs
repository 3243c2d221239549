using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Noos.Core.Tools;

/// <summary>
/// One thing that a call will do to the world, told to the gate before the call runs. Two effects are the same for a permission if
/// capability, kind, target and content are.
/// </summary>
/// <param name="Capability">What it needs, one of the tool's <see cref="ITool.Needs"/>.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Target">To what, in full: an address, a path, <c>mcp:github/create_issue</c>. A path may be relative to the folder of the
/// process.</param>
/// <param name="Sentence">What a person is asked to allow: "write the file notes.txt". Shown with target and content.</param>
public sealed record Effect(Capability Capability, EffectKind Kind, string Target, string Sentence)
{
    /// <summary>What is sent, written or run, in full; null where the target says all.</summary>
    public string? Content { get; init; }

    /// <summary>SHA-256 of the content as hex digits; null without content.</summary>
    [JsonIgnore]
    public string? ContentDigest => Content is null ? null : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Content)));

    /// <summary>Opens an address for reading: the tool then gets this very address, and redirects from it, and no other.</summary>
    public static Effect Fetch(string address) => new(Capability.Network, EffectKind.Fetch, address, $"open {address}");

    /// <summary>Asks a trusted service.</summary>
    /// <param name="service">Its address, scheme and host; the tool then reaches this host and no other.</param>
    /// <param name="words">What it is asked.</param>
    public static Effect Query(string service, string words) =>
        new(Capability.Network, EffectKind.Query, service, $"ask {service} for \"{words}\"") { Content = words };

    /// <summary>Sends data to an address.</summary>
    /// <param name="address">Where to; the tool then reaches this host and no other.</param>
    /// <param name="content">What.</param>
    public static Effect Send(string address, string content) =>
        new(Capability.Network, EffectKind.Send, address, $"send {Length(content)} to {address}") { Content = content };

    /// <summary>Calls a tool of an MCP server.</summary>
    /// <param name="server">The name of the server.</param>
    /// <param name="tool">The name of its tool.</param>
    /// <param name="arguments">The arguments, as JSON.</param>
    /// <param name="isTrusted">
    /// The tool only reads, and the administrator trusts the server with any question: see <see cref="EffectKind.Query"/>.
    /// </param>
    public static Effect CallMcp(string server, string tool, string arguments, bool isTrusted = false) => new(
        Capability.McpServer(server), isTrusted ? EffectKind.Query : EffectKind.Send, $"mcp:{server}/{tool}",
        $"call {tool} of the MCP server {server} with {arguments}")
    {
        Content = arguments,
    };

    /// <summary>Reads a file.</summary>
    public static Effect ReadFile(string path) => new(Capability.ReadFiles, EffectKind.Read, path, $"read the file {path}");

    /// <summary>Writes a file.</summary>
    public static Effect WriteFile(string path, string content) =>
        new(Capability.WriteFiles, EffectKind.Write, path, $"write {Length(content)} into the file {path}") { Content = content };

    /// <summary>Deletes a file.</summary>
    public static Effect DeleteFile(string path) => new(Capability.WriteFiles, EffectKind.Write, path, $"delete the file {path}");

    /// <summary>Looks facts up.</summary>
    public static Effect ReadMemory(string words) =>
        new(Capability.Memory, EffectKind.Read, "memory", $"look \"{words}\" up in the memory");

    /// <summary>Remembers, changes or forgets a fact.</summary>
    public static Effect WriteMemory(string fact) =>
        new(Capability.Memory, EffectKind.Write, "memory", $"remember: {fact}") { Content = fact };

    /// <summary>Notes a fact that no model is told of until a person has accepted it.</summary>
    public static Effect ProposeMemory(string fact) =>
        new(Capability.Memory, EffectKind.Propose, "memory", $"propose to remember: {fact}") { Content = fact };

    /// <summary>Forgets a fact.</summary>
    public static Effect ForgetMemory(long id, string fact) =>
        new(Capability.Memory, EffectKind.Write, "memory", string.Create(CultureInfo.InvariantCulture, $"forget the fact {id}: {fact}"))
        {
            Content = fact,
        };

    /// <summary>Runs code in the sandbox.</summary>
    public static Effect Run(string language, string code) =>
        new(Capability.RunCode, EffectKind.Run, language, $"run {Length(code)} of {language}") { Content = code };

    /// <summary>Takes a picture.</summary>
    public static Effect TakePicture(string device = "camera") =>
        new(Capability.Camera, EffectKind.Read, device, $"take a picture with the {device}");

    /// <summary>Listens.</summary>
    public static Effect Listen(string device = "microphone") =>
        new(Capability.Microphone, EffectKind.Read, device, $"listen with the {device}");

    /// <summary>Starts a sub-agent, or says something to one.</summary>
    /// <param name="agent">Its name.</param>
    /// <param name="instructions">What it is told.</param>
    /// <param name="isWider">It may do more than the caller.</param>
    public static Effect Spawn(string agent, string instructions, bool isWider = false) => new(
        Capability.Spawn, isWider ? EffectKind.Widen : EffectKind.Spawn, agent,
        isWider ? $"start the agent {agent} with more than this process may use" : $"start the agent {agent}")
    {
        Content = instructions,
    };

    static string Length(string content) => string.Create(CultureInfo.InvariantCulture, $"{content.Length} characters");
}
