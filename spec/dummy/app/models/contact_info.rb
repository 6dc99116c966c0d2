# frozen_string_literal: true

# A way to reach a user. Nothing here stops two users from having the same verified address: there is no index
# against it in the real app either, so a sync must be ready for it.
class ContactInfo < ApplicationRecord
  belongs_to :user, inverse_of: :contact_infos

  scope :verified, -> { where(verified: true) }
  scope :school_issued, -> { where(is_school_issued: true) }

  validates :value, presence: true
end
