using System.Text.Json;

namespace Noos.Server.OpenAi;

/// <summary>
/// Fields of chat completions that OpenAI, llama.cpp or vLLM have and this server has not: those that only keep books are accepted, of the
/// others only the value that asks for nothing.
/// </summary>
static class ForeignFields
{
    public static void Check(RequestFields root)
    {
        // Whose request it is, and how its price and its cache are booked: no answer depends on it.
        root.Accept(
            "user", "safety_identifier", "metadata", "prompt_cache_key", "prompt_cache_retention", "cache_prompt",
            "id_slot", "prediction");

        // OpenAI
        root.AcceptOnly("store", IsFalse);
        root.AcceptOnly("modalities", value => value.ValueKind == JsonValueKind.Array
            && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String && item.GetString() == "text"));
        root.AcceptOnly("audio", Never);
        root.AcceptOnly("verbosity", value => Is(value, "medium"));
        root.AcceptOnly("web_search_options", Never);
        root.AcceptOnly("functions", IsEmpty);
        root.AcceptOnly("function_call", value => Is(value, "none"));

        // llama.cpp
        root.AcceptOnly("mirostat", value => IsNumber(value, 0));
        root.AcceptOnly("dynatemp_range", value => IsNumber(value, 0));
        root.AcceptOnly("n_probs", value => IsNumber(value, 0));
        root.AcceptOnly("min_keep", value => IsNumber(value, 0));
        root.AcceptOnly("n_keep", value => IsNumber(value, 0));
        root.AcceptOnly("ignore_eos", IsFalse);
        root.AcceptOnly("return_tokens", IsFalse);
        root.AcceptOnly("return_progress", IsFalse);
        root.AcceptOnly("timings_per_token", IsFalse);
        root.AcceptOnly("post_sampling_probs", IsFalse);
        root.AcceptOnly("parse_tool_calls", IsTrue);
        root.AcceptOnly("reasoning_format", value => Is(value, "auto") || Is(value, "deepseek"));

        // vLLM
        root.AcceptOnly("best_of", value => IsNumber(value, 1));
        root.AcceptOnly("use_beam_search", IsFalse);
        root.AcceptOnly("length_penalty", value => IsNumber(value, 1));
        root.AcceptOnly("min_tokens", value => IsNumber(value, 0));
        root.AcceptOnly("stop_token_ids", IsEmpty);
        root.AcceptOnly("include_stop_str_in_output", IsFalse);
        root.AcceptOnly("skip_special_tokens", IsTrue);
        root.AcceptOnly("spaces_between_special_tokens", IsTrue);
        root.AcceptOnly("echo", IsFalse);
        root.AcceptOnly("priority", value => IsNumber(value, 0));
    }

    static bool Never(JsonElement value) => false;

    static bool IsFalse(JsonElement value) => value.ValueKind == JsonValueKind.False;

    static bool IsTrue(JsonElement value) => value.ValueKind == JsonValueKind.True;

    static bool IsEmpty(JsonElement value) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0;

    static bool Is(JsonElement value, string word) => value.ValueKind == JsonValueKind.String && value.GetString() == word;

    static bool IsNumber(JsonElement value, double number) => value.ValueKind == JsonValueKind.Number && value.GetDouble().Equals(number);
}
