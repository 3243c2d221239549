using System.Text;
using Noos.Language.Tokenization;

namespace Noos.Inference.Tests.Support;

static class Vocabulary
{
    static readonly Lazy<Tokenizer> s_small = new(() => Train(360));

    /// <summary>Reserved tokens, bytes and some merges that are typical of text and of tool calls.</summary>
    public static Tokenizer Small => s_small.Value;

    static Tokenizer Train(int size)
    {
        var text = string.Concat(Enumerable.Range(0, 40).Select(i =>
            $"The cat number {i} sat on the mat.\n{{\"name\": \"calculator\", \"arguments\": {{\"expression\": \"{i}*37+5\", "
            + $"\"digits\": {i}}}}}\n"
            + $"{{\"name\": \"weather\", \"arguments\": {{\"city\": \"Zürich\", \"days\": [1, {i}], \"metric\": true}}}}\n"));
        return BpeTrainer.Train([Encoding.UTF8.GetBytes(text)], size);
    }
}
