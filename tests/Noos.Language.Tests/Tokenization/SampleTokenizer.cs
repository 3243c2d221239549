using System.Text;
using Noos.Language.Tokenization;

namespace Noos.Language.Tests.Tokenization;

/// <summary>A small tokenizer trained on a little text: real merges, made in milliseconds.</summary>
static class SampleTokenizer
{
    public const string Text =
        """
        Once upon a time there was a little girl who lived near the woods. She liked the woods and the birds in the woods.
        "Where are you going?" asked the wolf. "I am going to see my grandmother," said the little girl. "Don't go there!"
        {"name": "calculator", "arguments": {"expression": "48*37+5"}} {"name": "calculator", "arguments": {"expression": "12/4"}}
        Der Wald ist größer als die Wälder. Ünïcode wörds — “quotes” and … dots … and “quotes” größer größer.
        """;

    public static Tokenizer Instance { get; } = Train(360);

    public static Tokenizer Train(int size) => BpeTrainer.Train([Encoding.UTF8.GetBytes(Text)], size);
}
