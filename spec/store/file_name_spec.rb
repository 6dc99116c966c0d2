# frozen_string_literal: true

RSpec.describe CrmSync::FileName do
  it "has letters, digits and hyphens only, as any file system takes them" do
    names = { "PartnerSync" => "partnersync", "Sync::Of::Partners" => "sync-of-partners",
              "École (a/b.c) 7" => "-cole-a-b-c-7" }
    expect(names.keys.to_h { |name| [name, described_class.of(name)] }).to eq(names)
  end
end
