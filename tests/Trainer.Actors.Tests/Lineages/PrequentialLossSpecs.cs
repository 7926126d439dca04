using RalmActors.Trainer.Domain.Lineages;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Lineages;

public class PrequentialLossSpecs
{
    [Fact]
    public void The_same_samples_give_the_same_loss_however_they_were_batched()
    {
        var (one, many) = (new PrequentialLoss(), new PrequentialLoss());
        for (var batch = 0; batch < 5; batch++)
        {
            one.Add(0.1 * batch, 32);
            for (var sample = 0; sample < 32; sample++)
            {
                many.Add(0.1 * batch, 1);
            }
        }

        Assert.Equal(one.Value, many.Value, precision: 12);
    }

    [Fact]
    public void A_batch_of_one_weighs_a_thirty_second_of_one_of_thirty_two()
    {
        var (small, large) = (Settled(), Settled());

        small.Add(1, 1);
        large.Add(1, 32);

        Assert.InRange((large.Value - 0.5) / (small.Value - 0.5), 31, 32);
    }

    [Fact]
    public void It_forgets_half_in_1098_samples_and_nothing_without_any()
    {
        var loss = Settled();

        loss.Add(0, 0);
        Assert.Equal(0.5, loss.Value, precision: 12);
        loss.Add(0, 1_098);
        Assert.Equal(0.25, loss.Value, precision: 3);
    }

    [Fact]
    public void Of_few_samples_it_is_their_mean_and_it_goes_on_from_what_was_written_down()
    {
        var (whole, first, second) = (new PrequentialLoss(), new PrequentialLoss(), new PrequentialLoss());
        whole.Add(1, 1);
        whole.Add(0, 1);
        first.Add(1, 1);
        second.Restart(first.Value, 1);
        second.Add(0, 1);

        Assert.Equal(0.5, whole.Value, precision: 3);
        Assert.Equal(whole.Value, second.Value, precision: 12);
    }

    private static PrequentialLoss Settled()
    {
        var loss = new PrequentialLoss();
        loss.Add(0.5, 1_000_000);
        return loss;
    }
}
