# frozen_string_literal: true

require "crm_sync"

RSpec.describe "CrmSync::Aside" do
  def aside
    CrmSync.const_get(:Aside)
  end

  it "gives what the block gives, raises what it raises, and throws what it throws" do
    expect(aside.run { 1 }).to eq(1)
    expect { aside.run { raise IOError, "closed" } }.to raise_error(IOError, "closed")
    expect(catch(:out) { aside.run { throw :out, 2 } }).to eq(2)
  end

  it "leaves no thread behind when an interrupt comes before the thread is known" do
    before = Thread.list
    [0, 0.05].each do |pause|
      allow(Thread).to receive(:new).and_wrap_original do |made, &work|
        made.call(&work)
        sleep pause # so that the thread has begun, or not
        raise Interrupt
      end
      expect { aside.run { sleep } }.to raise_error(Interrupt)
      eventually { (Thread.list - before).empty? }
    end
  end
end
