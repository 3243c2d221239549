using System.Text.Encodings.Web;
using System.Text.Json;

namespace Noos.Kernel.Journaling;

/// <summary>
/// How the journal writes JSON: text as it is. Escaped ("2\u002B2"), the arguments of a call come back in other letters than the model
/// wrote, and most languages would take two to three times the disk.
/// </summary>
static class StoredJson
{
    public static KernelJson Context { get; } =
        new(new JsonSerializerOptions(KernelJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
