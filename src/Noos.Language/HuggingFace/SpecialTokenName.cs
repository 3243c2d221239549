using System.Text.Json;

namespace Noos.Language.HuggingFace;

/// <summary>The token of a role, such as "bos" or "cls", in <c>tokenizer_config.json</c>.</summary>
static class SpecialTokenName
{
    /// <summary>Null where the file does not name it, or is not there.</summary>
    public static string? Find(JsonFile? settings, string role) => settings?.Text($"{role}_token")
        // Or an object of an added token.
        ?? (settings?.Find($"{role}_token", JsonValueKind.Object) is { } token
            ? JsonFile.Text(token, "content", "tokenizer_config.json")
            : null);
}
