using Noos.Inference.Transformer;

namespace Noos.Inference.Tests.Transformer;

public class PanelShareTests
{
    [Fact]
    public void Shares_follow_each_other_and_leave_nothing_out()
    {
        for (var members = 1; members <= 9; members++)
        {
            for (var panels = 1; panels <= 300; panels++)
            {
                var end = 0;
                for (var index = 0; index < PanelShare.Count(panels, members); index++)
                {
                    var share = PanelShare.Get(panels, members, index);
                    Assert.Equal(end, share.Begin);
                    Assert.True(share.End >= share.Begin);
                    end = share.End;
                }

                Assert.Equal(panels, end);
            }
        }
    }

    [Fact]
    public void Shares_shrink_to_few_panels()
    {
        var lengths = Enumerable.Range(0, PanelShare.Count(panels: 1000, members: 2))
            .Select(index => PanelShare.Get(1000, 2, index))
            .Select(share => share.End - share.Begin)
            .ToArray();

        Assert.Equal(250, lengths[0]);
        Assert.InRange(lengths[^1], 1, 2);
        Assert.True(lengths.Length < 25);
    }
}
