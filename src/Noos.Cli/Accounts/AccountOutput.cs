using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Noos.Server.Accounts;

namespace Noos.Cli.Accounts;

/// <summary>What the commands of people print as JSON: what the API answers.</summary>
static class AccountOutput
{
    static readonly AccountJson s_json =
        new(new JsonSerializerOptions(AccountJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static void WriteJson<T>(T value, Func<AccountJson, JsonTypeInfo<T>> type) =>
        Console.Out.WriteLine(JsonSerializer.Serialize(value, type(s_json)));
}
