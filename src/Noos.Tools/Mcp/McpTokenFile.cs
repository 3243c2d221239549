using System.Text.Json;
using System.Text.Json.Serialization;
using ModelContextProtocol.Authentication;
using Noos.Core.Storage;

namespace Noos.Tools.Mcp;

/// <summary>
/// The tokens of a server's authorization, kept in a file of the home that only its user can read. What cannot be read counts as not there:
/// the person logs in again.
/// </summary>
/// <param name="home">The folder.</param>
/// <param name="server">Whose tokens.</param>
public sealed class McpTokenFile(string home, string server) : ITokenCache
{
    public const string FileName = "mcp-tokens.json";

    static readonly Lock s_lock = new();

    string FilePath => Path.Combine(home, FileName);

    public ValueTask<TokenContainer?> GetTokensAsync(CancellationToken cancellationToken)
    {
        lock (s_lock)
        {
            return ValueTask.FromResult(Read().GetValueOrDefault(server));
        }
    }

    public ValueTask StoreTokensAsync(TokenContainer tokens, CancellationToken cancellationToken)
    {
        lock (s_lock)
        {
            var all = Read();
            all[server] = tokens;
            Write(all);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Forgets the tokens.</summary>
    public void Remove()
    {
        lock (s_lock)
        {
            var all = Read();
            if (all.Remove(server))
            {
                Write(all);
            }
        }
    }

    Dictionary<string, TokenContainer> Read()
    {
        try
        {
            return File.Exists(FilePath)
                ? JsonSerializer.Deserialize(File.ReadAllText(FilePath), McpTokenJson.Default.DictionaryStringTokenContainer) ?? []
                : [];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    void Write(Dictionary<string, TokenContainer> all) => AtomicFile.Write(
        FilePath, stream => JsonSerializer.Serialize(stream, all, McpTokenJson.Default.DictionaryStringTokenContainer),
        UnixFileMode.UserRead | UnixFileMode.UserWrite);
}

[JsonSerializable(typeof(Dictionary<string, TokenContainer>))]
sealed partial class McpTokenJson : JsonSerializerContext;
