# frozen_string_literal: true

require "rails_helper"
require "support/incremental_world"

# A record that can never be saved: of a validation that came after it, say.
RSpec.describe "a host with a record that cannot be saved" do
  include IncrementalWorld

  let(:ann) { contact("ann@b.edu", faculty: "Confirmed") }
  let(:bob) { contact("bob@b.edu", faculty: "Pending") }

  Databases::NAMES.each do |kind, name|
    context "on #{name}" do
      using_database kind, fresh: true

      it "has a run that succeeds all the same, where nothing else is to do" do
        spoil(create_user(email: "ann@b.edu"))
        org_has(ann)
        sync = sync_that { link_when :activated }
        expect(sync.call).to have_attributes(status: :partial, errors: [have_attributes(exception: /RecordInvalid/)])
        expect(sync.last_success).to be_within(60).of(Time.now)
      end

      it "has a run that is not a success, where all of several fail" do
        2.times { |n| spoil(create_user(email: "#{%w[ann bob][n]}@b.edu")) }
        org_has(ann, bob)
        sync = sync_that { link_when :activated }
        expect(sync.call.errors.size).to eq(2)
        expect(sync.last_success).to be_nil
      end

      it "does not keep the watermark of incremental reads where it is, and is tried again by each run" do
        spoiled = create_user(email: "ann@b.edu")
        org_has(ann, bob)
        spoil(spoiled)
        sync = incremental_sync
        expect(sync.call.status).to eq(:partial)
        2.times do
          run = nil
          expect(incremental? { run = sync.call }).to be(true)
          expect(run.errors.map(&:key)).to eq([spoiled.id])
        end
        spoiled.update_columns(support_identifier: "her own again")
        run = nil
        expect(incremental? { run = sync.call }).to be(true)
        expect(run.applied.map(&:key)).to eq([spoiled.id])
      end
    end
  end
end
