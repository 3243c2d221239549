using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Core;
using Noos.Core.Storage;

namespace Noos.Server.Client;

/// <summary>
/// Where the server of a home is, in a file of that home which only its user can read. It is written at the start and removed at the end;
/// after a kill it stays, so whoever reads it asks the server for its instance before they believe it.
/// </summary>
/// <param name="Address">How it is reached from this machine.</param>
/// <param name="Instance">What tells this start from others.</param>
/// <param name="Key">Makes whoever sends it the owner, until the server ends; null where everybody on this machine is.</param>
public sealed record ServerAddress(Uri Address, string Instance, string? Key = null)
{
    /// <summary>The file's name in the home folder.</summary>
    public const string FileName = "server.json";

    /// <summary>An address that others on the network may use, as this machine reaches it.</summary>
    public static ServerAddress From(string listening, string instance, string? key = null)
    {
        var address = new UriBuilder(listening);
        address.Host = address.Host switch
        {
            "0.0.0.0" => "127.0.0.1",
            "[::]" => "[::1]",
            var host => host,
        };
        return new ServerAddress(address.Uri, instance, key);
    }

    /// <summary>What the file of a home says; null where there is none that can be read.</summary>
    public static ServerAddress? Read(string home)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(Path.Combine(home, FileName)), ServerAddressJson.Default.ServerAddress);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes the file of a home.</summary>
    /// <exception cref="NoosException">It cannot be written.</exception>
    public void Write(string home) => AtomicFile.Write(
        Path.Combine(home, FileName),
        stream => JsonSerializer.Serialize(stream, this, ServerAddressJson.Default.ServerAddress),
        UnixFileMode.UserRead | UnixFileMode.UserWrite);

    /// <summary>Removes the file of a home, if it is of this start.</summary>
    public void Remove(string home)
    {
        if (Read(home) == this)
        {
            try
            {
                File.Delete(Path.Combine(home, FileName));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is stale now, and is ignored.
            }
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ServerAddress))]
sealed partial class ServerAddressJson : JsonSerializerContext;
