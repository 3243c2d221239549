using System.Xml.Linq;
using CsCheck;
using Noos.Pages.Text;

namespace Noos.Pages.Tests;

public sealed class TexMathTests
{
    [Theory]
    [InlineData("x^2", "<msup><mi>x</mi><mrow><mn>2</mn></mrow></msup>")]
    [InlineData("a_i^{n+1}", "<msubsup><mi>a</mi><mi>i</mi><mrow><mrow><mi>n</mi><mo>+</mo><mn>1</mn></mrow></mrow></msubsup>")]
    [InlineData(@"\frac{1}{2}", "<mfrac><mrow><mn>1</mn></mrow><mrow><mn>2</mn></mrow></mfrac>")]
    [InlineData(@"\sqrt[3]{x}", "<mroot><mrow><mi>x</mi></mrow><mrow><mn>3</mn></mrow></mroot>")]
    [InlineData(@"\sum_{i=1}^n i", "<munderover><mo>∑</mo>")]
    [InlineData(@"\alpha \le \beta", "<mi>α</mi><mo>≤</mo><mi>β</mi>")]
    [InlineData(@"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", "</mtd><mtd><mrow><mn>2</mn></mrow></mtd></mtr><mtr>")]
    [InlineData(@"\left( \frac{a}{b} \right)", "<mo>(</mo>")]
    [InlineData(@"\unknown{x}", @"<mtext>\unknown</mtext>")]
    [InlineData("a < b", "<mo>&lt;</mo>")]
    public void Formula_is_math_of_the_browser(string tex, string expected) =>
        Assert.Contains(expected, TexMath.Render(tex, isBlock: false), StringComparison.Ordinal);

    static readonly string[] s_pieces =
    [
        "\\", "{", "}", "^", "_", "&", "\\\\", "\\frac", "\\sqrt", "[", "]", "\\left", "\\right", "(", "\\begin{cases}", "\\end{", "'",
        "x", "12", " ", "<script>", "\\text", "\\mathbb", "\"", "\U0001d53c", "\\sum", "\\hat", "\\binom",
    ];

    [Fact]
    public void Whatever_is_written_comes_out_as_well_formed_markup_without_scripts() =>
        Gen.Int[0, s_pieces.Length - 1].Array[0, 40].Sample(pieces =>
        {
            var html = TexMath.Render(string.Concat(pieces.Select(piece => s_pieces[piece])), isBlock: true);
            Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
            XElement.Parse(html);
        });

    [Theory]
    [InlineData("It costs $5 and $7.", false)]
    [InlineData("From $20,000 to $30,000", false)]
    [InlineData("So $x = 5$ holds.", true)]
    [InlineData(@"So \(x\) holds, and \[y = 2\] too.", true)]
    [InlineData("$$\na = b_1 * c_2\n$$", true)]
    [InlineData("`$x$`", false)]
    public void Money_is_no_formula(string markdown, bool isFormula) => Assert.Equal(
        isFormula, MarkdownRenderer.Render(markdown).Contains("<math", StringComparison.Ordinal));

    [Fact]
    public void Cost_of_a_formula_grows_with_its_length()
    {
        // Twice as long may take four times the bytes: it would be so for primes, each of which was appended to all before it.
        var (once, twice) = (Bytes(4000), Bytes(8000));
        Assert.InRange(twice, once, 3 * once);

        static long Bytes(int primes)
        {
            var tex = "x" + new string('\'', primes) + string.Concat(Enumerable.Repeat("\\sqrt[", primes));
            _ = TexMath.Render(tex, isBlock: false);
            var before = GC.GetAllocatedBytesForCurrentThread();
            _ = TexMath.Render(tex, isBlock: false);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Theory]
    [InlineData("\\(a ")]
    [InlineData("\\[a ")]
    [InlineData("$$a ")]
    [InlineData("$a\n")]
    [InlineData("\\(\\sqrt[")]
    [InlineData(" *a b** _c~~")]
    public void Many_marks_without_an_end_are_text_and_take_no_time(string mark)
    {
        // Quadratic in its length, this would take minutes.
        var text = string.Concat(Enumerable.Repeat(mark, 100_000 / mark.Length));
        var streamed = new StreamedMarkdown();
        streamed.Append(text);
        Assert.NotEmpty(streamed.Blocks);
        streamed.Complete();
        Assert.NotEmpty(streamed.Blocks);
    }

    [Theory]
    [InlineData("\\sqrt")]
    [InlineData("\\frac")]
    [InlineData("\\hat")]
    [InlineData("\\binom")]
    [InlineData("\\left")]
    [InlineData("\\left\\{")]
    [InlineData("\\sqrt[2]")]
    [InlineData("\\begin{cases}")]
    [InlineData("x^\\vec")]
    [InlineData("{")]
    public void Formula_of_any_depth_is_drawn_and_the_stack_does_not_end(string part)
    {
        var html = TexMath.Render(string.Concat(Enumerable.Repeat(part, 20_000)) + "x", isBlock: false);

        Assert.StartsWith("<math>", html, StringComparison.Ordinal);
        Assert.EndsWith("</math>", html, StringComparison.Ordinal);
    }
}
